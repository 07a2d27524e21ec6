#ifndef APP_SANDBOX_SIM_BOARDS_H
#define APP_SANDBOX_SIM_BOARDS_H

#include <stdbool.h>
#include <stdint.h>

struct sim_call;

/* Does the user own the board? False: the reply is 404/40. */
bool sim_boards_owned(struct sim_call *c, int64_t id);

#endif

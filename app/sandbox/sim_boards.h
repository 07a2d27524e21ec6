#ifndef APP_SANDBOX_SIM_BOARDS_H
#define APP_SANDBOX_SIM_BOARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "app/sandbox/sim_scenario.h"
#include "lib/attr.h"

struct sim_call;

/*
 * The scenario of a board of the user, and when a one-time scenario happened (or TIME_NONE). A
 * secret board needs the secret scopes of the route. False: the reply is set.
 */
MUST_CHECK bool sim_boards_scenario(
    struct sim_call *c, int64_t id, enum sim_scenario *scenario, int64_t *triggered_us);
/* Does the user own the board, and does the token reach it? False: the reply is set. */
MUST_CHECK bool sim_boards_owned(struct sim_call *c, int64_t id);

#endif

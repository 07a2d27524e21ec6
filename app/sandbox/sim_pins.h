#ifndef APP_SANDBOX_SIM_PINS_H
#define APP_SANDBOX_SIM_PINS_H

#include <stdbool.h>

#include "lib/attr.h"

struct sim_call;

/* Is there such a pin (c->id), and may the user see it? False: the reply is set. */
MUST_CHECK bool sim_pins_owned(struct sim_call *c);

#endif

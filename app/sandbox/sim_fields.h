#ifndef APP_SANDBOX_SIM_FIELDS_H
#define APP_SANDBOX_SIM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct json_object;
struct sim_call;

/*
 * A text field of the JSON body; NULL when null or absent. `max` counts code points. False: too
 * long or not a text; the reply is 400/1.
 */
MUST_CHECK bool sim_field_text(
    struct sim_call *c, const char *name, size_t max, const char **value);
/* A decimal id; 0 when null or absent. False: the reply is 400/1. */
MUST_CHECK bool sim_field_id(struct sim_call *c, const char *name, int64_t *id);
/* A whole number of an object; `absent` when it is not one. */
int64_t sim_field_number(struct json_object *o, const char *name, int64_t absent);

#endif

#ifndef APP_SANDBOX_SIM_MEDIA_H
#define APP_SANDBOX_SIM_MEDIA_H

#include <stdbool.h>

#include "lib/attr.h"

struct sim_call;
struct json_object;

/*
 * media_source of POST /pins. sim_media_check() checks shape and limits, without network access.
 * sim_media_take() fetches or decodes the images and returns the pin's `media` as JSON text in the
 * arena. False and NULL: the reply is set.
 */
MUST_CHECK bool sim_media_check(struct sim_call *c, struct json_object *source);
const char *sim_media_take(struct sim_call *c, struct json_object *source);

#endif

#ifndef APP_API_WHY_H
#define APP_API_WHY_H

#include <stdbool.h>

#include "lib/attr.h"
#include "sql/store_why.h"

struct call;

/*
 * Reads the pin or schedule in the path, with all that decides what becomes of it. False: the reply
 * is a 404, 403 or 503.
 */
MUST_CHECK bool why_read_pin(struct call *c, struct store_why *out);
MUST_CHECK bool why_read_schedule(struct call *c, struct store_why *out);

#endif

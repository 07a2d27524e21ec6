#ifndef APP_SANDBOX_PINS_H
#define APP_SANDBOX_PINS_H

#include "app/sandbox/view.h"

struct call;

/* GET /pins and GET /boards/{id}/pins */
void pins_list(struct call *c);
/* GET, PATCH, DELETE /pins/{id} */
void pins_show(struct call *c);
void pins_change(struct call *c);
void pins_delete(struct call *c);

/*
 * A text field of a JSON body: null and absent are NULL. False: too long or not a text; the reply
 * is 400/1 naming value and constraint. max counts code points.
 */
bool pins_text(struct call *c, const char *name, size_t max, const char **value);
/* A decimal id, or null. False: the reply is 400/1. *id is 0 when null or absent. */
bool pins_id(struct call *c, const char *name, int64_t *id);

#endif

#ifndef APP_API_ACTIVITY_H
#define APP_API_ACTIVITY_H

#include "lib/db/db.h"

struct call;
struct uuid;

/*
 * Writes one row of the project's activity log inside this call's transaction. Who did it and by
 * which request come from the call; the type of the resource is the first word of the action.
 * `category` and `status` as in struct activity; `resource` NULL: none.
 */
enum db_rc activity_write(struct call *c, const char *category, const char *action,
    const char *status, const struct uuid *resource, const char *message);

#endif

#ifndef APP_API_ACTIVITY_H
#define APP_API_ACTIVITY_H

#include "lib/activity.h"
#include "lib/db/db.h"

struct call;
struct principal;
struct uuid;

/*
 * Writes a row of the project's activity log, inside this call's transaction. Who did it and by
 * which request come from the call, all else from lib/activity.def.
 * account   the Pinterest account that it is about, so that keys for it see the row; NULL: none
 * resource  NULL: none
 */
enum db_rc activity_write(struct call *c, enum activity_action action, const struct uuid *account,
    const struct uuid *resource);
/* The same on a public route, by a person and in a project that only the handler knows. */
enum db_rc activity_write_as(struct call *c, const struct principal *who,
    enum activity_action action, const struct uuid *resource);

#endif

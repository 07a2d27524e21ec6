#ifndef APP_API_ACTIVITY_H
#define APP_API_ACTIVITY_H

#include "lib/db/db.h"

struct call;
struct uuid;

/*
 * One row of the project's activity log for what this call changed, inside its transaction: who and
 * which request come from the call, status is "success". `category` as in struct activity.
 */
enum db_rc note_done(struct call *c, const char *category, const char *action,
    const struct uuid *resource, const char *message);

#endif

#ifndef APP_API_IMPORTS_VIEW_H
#define APP_API_IMPORTS_VIEW_H

#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;
struct json_object;

/* Imports in the shape of the PinBridge API docs. Wire names by stored number, NULL-ended. */
extern const char *const imports_view_statuses[];
extern const char *const imports_view_sources[];

struct imports_filter {
	int64_t limit, offset;
	int status, source; /* < 0: any */
};

/*
 * One import with the results of its rows. A key with an allow-list sees only imports made with the
 * same list. DB_OK: the caller owns *out. DB_NONE: not found.
 */
enum db_rc imports_view_get(struct call *c, const struct uuid *id, struct json_object **out);
/* One page, newest first. DB_OK: the caller owns *out. */
enum db_rc imports_view_list(
    struct call *c, const struct imports_filter *f, struct json_object **out);

#endif

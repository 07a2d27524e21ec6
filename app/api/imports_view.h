#ifndef APP_API_IMPORTS_VIEW_H
#define APP_API_IMPORTS_VIEW_H

#include <stdint.h>

#include "app/api/cursor.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;

/* Imports in the shape of the PinBridge API docs. Wire names by stored number, NULL-ended. */
extern const char *const imports_view_statuses[];
extern const char *const imports_view_sources[];

struct imports_filter {
	int64_t limit, offset;
	int status, source; /* < 0: any */
	struct cursor after;
};

/*
 * Replies with one import and the results of its rows. A key with an allow-list sees only imports
 * made with the same list. DB_NONE: not found. Only DB_OK has set the reply.
 */
enum db_rc imports_view_reply(struct call *c, const struct uuid *id, int status);
/*
 * Replies with one page, newest first, without results, with Link, and with X-Total-Count where the
 * page shows the end of the list. Only DB_OK has set the reply.
 */
enum db_rc imports_view_list(struct call *c, const struct imports_filter *f);

#endif

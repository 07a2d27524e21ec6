#ifndef APP_API_IMPORTS_VIEW_H
#define APP_API_IMPORTS_VIEW_H

#include <stdint.h>

#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;
struct json_object;

/* Imports as contract 1.8 shows them. Wire names by stored number, NULL-ended. */
extern const char *const imports_view_statuses[];
extern const char *const imports_view_sources[];

struct imports_filter {
	int64_t limit, offset;
	int status, source; /* < 0: any */
};

/*
 * One import with the results of its rows; a key with an allow-list sees what keys with that list
 * imported. DB_OK and *out, which the caller owns; DB_NONE: there is none.
 */
enum db_rc imports_view_get(struct call *c, const struct uuid *id, struct json_object **out);
/* Newest first. */
enum db_rc imports_view_list(
    struct call *c, const struct imports_filter *f, struct json_object **out);

#endif

#ifndef APP_API_FILTER_H
#define APP_API_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;
struct problem;
struct pin_view_kind;

/* Shared by GET /v1/pins and GET /v1/schedules: filters, order, page, total. */
struct filter {
	bool has_account;
	struct uuid account_id;
	const char *board_id, *campaign, *external_id;
	const char *like; /* q as a LIKE pattern, its wildcards escaped */
	const struct filter_status *status;
	int64_t since_us, until_us;
	int64_t limit, offset;
	unsigned sort; /* index in the list of sorts */
};

/* A wire status as a range of states (enum pin_state); deferred: -1 either, 0 no, 1 yes. */
struct filter_status {
	const char *name;
	int low, high, deferred;
};

/* Wrong parameters are noted in `why`. False: the reply already refuses the account. */
MUST_CHECK bool filter_read(struct call *c, const struct filter_status *statuses,
    const char *const *sorts, struct filter *f, struct problem *why);
#define LIST_MOST 200
/* Reads limit (1 to 200, default 50) and offset. */
void filter_page(struct call *c, int64_t *limit, int64_t *offset, struct problem *why);
/* A query parameter that is compared with error codes; NULL: absent, or wrong (then `why` says so).
 */
const char *filter_code(struct call *c, const char *name, struct problem *why);

/* The parameters of sql/group/pin_filter.sql and schedule_filter.sql that both have. */
#define FILTERS(c, f)                                                                              \
	.project = db_uuid(&(c)->who.project_id), .allow = db_text((c)->who.account_ids),          \
	.account = db_uuid((f)->has_account ? &(f)->account_id : NULL),                            \
	.board = db_text((f)->board_id),                                                           \
	.low = (f)->status != NULL ? db_int((f)->status->low) : db_null(),                         \
	.high = (f)->status != NULL ? db_int((f)->status->high) : db_null(),                       \
	.deferred = (f)->status != NULL && (f)->status->deferred >= 0                              \
			? db_int((f)->status->deferred)                                            \
			: db_null(),                                                               \
	.since = db_time((f)->since_us), .until = db_time((f)->until_us),                          \
	.campaign = db_text((f)->campaign), .external = db_text((f)->external_id),                 \
	.q = db_text((f)->like)
#define FILTER_PAGE(f) .limit = db_int((f)->limit), .offset = db_int((f)->offset)

/* A statement that lists a page, by SQL_IN_ORDER(), and one that counts all rows, by SQL_IN(). */
struct filter_query {
	const struct pin_view_kind *kind;
	unsigned list;
	const struct db_param *list_in;
	size_t list_in_len;
	unsigned count;
	const struct db_param *count_in;
	size_t count_in_len;
};

/* Replies with the page and X-Total-Count; counts only when the page does not show the total. */
void filter_list(struct call *c, const struct filter *f, const struct filter_query *q);

#endif

#ifndef APP_API_FILTER_H
#define APP_API_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
bool filter_read(struct call *c, const struct filter_status *statuses, const char *const *sorts,
    struct filter *f, struct problem *why);
/* Reads limit (1 to 200, default 50) and offset. */
void filter_page(struct call *c, int64_t *limit, int64_t *offset, struct problem *why);
/*
 * A query parameter that is compared with an ASCII column; NULL: absent. Other than ASCII it is "",
 * which matches nothing.
 */
const char *filter_ascii(struct call *c, const char *name);

struct db_param filter_low(const struct filter *f);
struct db_param filter_high(const struct filter *f);
struct db_param filter_deferred(const struct filter *f);
struct db_param filter_account(const struct filter *f);

/*
 * A filtered page. `list` is the statement in its first order and takes `in`, whose last two
 * parameters are limit and offset; `count` takes the same without them.
 */
struct filter_query {
	const struct pin_view_kind *kind;
	unsigned list, count;
	const struct db_param *in;
	size_t in_len;
};

/* Replies with the page and X-Total-Count; counts only when the page does not show the total. */
void filter_list(struct call *c, const struct filter *f, const struct filter_query *q);

#endif

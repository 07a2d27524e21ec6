#ifndef APP_API_DASHBOARD_COUNT_H
#define APP_API_DASHBOARD_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/api/dashboard_span.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;

/* The figures of a dashboard: counted from indexes, however many rows there are. */

/* Pins of a period: outcomes by when they happened, the others by when they were created. */
struct dashboard_pins {
	int64_t queued, deferred, publishing, published, failed, submitted;
};
struct dashboard_bucket {
	int64_t created, published, failed;
};
struct dashboard_account {
	struct uuid id;
	int64_t published;
};
/* Schedules of a period, by run_at. */
struct dashboard_schedules {
	int64_t scheduled, queued, deferred, running, done, failed, canceled;
	int64_t upcoming; /* of whatever period: planned, and not due yet */
};

#define DASHBOARD_IMPORT_STATES 5

struct dashboard {
	struct call *c;
	struct dashboard_span span;
	bool one;                                 /* of one account, */
	struct uuid account_id;                   /* this one */
	struct dashboard_pins now, before, queue; /* queue: of whatever period */
	struct dashboard_bucket buckets[DASHBOARD_BUCKETS_MAX];
	struct dashboard_account *accounts; /* that the caller may see; in the arena */
	size_t accounts_len, accounts_room;
	struct dashboard_schedules schedules;
	int64_t imports[DASHBOARD_IMPORT_STATES]; /* by imports.status */
	bool has_imports; /* not with an account or an allow-list: they belong to several */
};

enum db_rc dashboard_count(struct dashboard *d);

#endif

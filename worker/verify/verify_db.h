#ifndef WORKER_VERIFY_VERIFY_DB_H
#define WORKER_VERIFY_VERIFY_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/pinterest.h"
#include "worker/frame/clock_sample.h"
#include "worker/frame/fence_db.h"
#include "worker/verify/lookup.h"
#include "worker/verify/verify_match.h"

/* The result of a look-up, to be judged and written on the DB thread. */
struct verify_save {
	struct leases leases;
	struct lookup lookup;
	struct pinterest_create sent;
	struct match_seen *seen; /* pins near the attempt, of a complete listing */
	size_t len;
	bool complete;       /* false: the listing failed */
	bool token_refused;  /* it failed with 401 */
	bool board_gone;     /* it failed with a 404 that says so */
	const char *foreign; /* what else than Pinterest answered; NULL: Pinterest, or nobody */
	int64_t started_us;  /* database time before the listing's first request */
	int64_t retry_us;    /* database time of the next look-up, should it be needed */
	int64_t absent_gap_us;
	int64_t retry_max;
	int64_t event_deadline_s;
	bool sending; /* another pin of the lane is in flight while this is judged */
	/* out */
	uint64_t lost;
	struct clock_sample sample;
};

/*
 * Judges and writes. DB_OK: done. DB_NONE: the shard was lost. DB_DOWN, DB_RETRY, DB_UNKNOWN: may
 * be repeated. DB_FAIL: the database refuses it, even as poison(); it is looked up again later.
 */
enum db_rc verify_save_run(struct db *db, struct verify_save *s);

#endif

/*
 * `pintempo recover`: the database was restored to an earlier time, Pinterest was not. Invariant:
 * from its first to its last transaction no worker can have a shard, so nothing is sent before
 * everything that may have been sent since is marked for look-up. It works in batches and may be
 * run again, also after an interruption.
 */
#include "ctl/recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/args.h"
#include "lib/clock.h"
#include "lib/num.h"
#include "lib/rfc3339.h"
#include "sql/stmt.h"

#define TIMEOUT_S 3600 /* a batch may have to read a whole table from disk */
#define BATCH_ROWS 5000

struct recover {
	int64_t lease_us, verify_after_us[ENV__COUNT];
	int64_t since_us;      /* earliest time from which something may have been sent */
	int64_t at_most;       /* pins that an account can have published since; -1: not given */
	struct uuid after, to; /* the batch */
	/* out */
	int64_t alive, seen_s, pid;
	uint64_t imports, planned, pins, failed;
	uint64_t counted[2]; /* in the batch */
};

struct uuid
recover_owner(void)
{
	struct uuid u;

	memset(&u, 0xff, sizeof(u));
	return u;
}

static enum db_rc
find_workers(struct db *db, struct recover *r)
{
	return db_row(db, SQL_IN(worker_alive_count, .lease = db_int(r->lease_us)),
	    SQL_OUT(worker_alive_count, .alive = db_get_int(&r->alive),
		.seen_s = db_get_int(&r->seen_s), .pid = db_get_int(&r->pid)));
}

/* A backup may be older than its owner believes: its newest row counts. */
static enum db_rc
find_since(struct db *db, struct recover *r)
{
	int64_t newest = TIME_NONE;
	enum db_rc rc = db_row(
	    db, SQL_IN(activity_newest), SQL_OUT(activity_newest, .newest = db_get_time(&newest)));

	if (rc == DB_OK && newest != TIME_NONE && newest < r->since_us)
		r->since_us = newest;
	return rc;
}

static enum db_rc
recovery_begin(struct db *db, void *arg)
{
	struct recover *r = arg;
	const struct uuid owner = recover_owner();
	enum db_rc rc =
	    db_exec_any(db, SQL_IN(shard_claim_recovery, .owner = db_uuid(&owner)), NULL);

	if (rc == DB_OK)
		rc = find_workers(db, r);
	if (rc != DB_OK || r->alive > 0)
		return rc == DB_OK ? DB_NONE : rc;
	rc = db_exec_any(db,
	    SQL_IN(lane_mark_restored, .since = db_time(r->since_us),
		.creates = r->at_most >= 0 ? db_int(r->at_most) : db_null()),
	    NULL);
	/* the first parameter, the time */
	return rc == DB_OK
		   ? db_exec_any(db, SQL_IN(import_mark_restored, .since = db_time(r->since_us)),
			 &r->imports)
		   : rc;
}

static enum db_rc
recover_schedules(struct db *db, void *arg)
{
	struct recover *r = arg;
	uint64_t n = 0, failed = 0;
	enum db_rc rc = db_exec_any(db,
	    SQL_IN(schedule_mark_planned_restored, .after = db_uuid(&r->after),
		.to = db_uuid(&r->to), .since = db_time(r->since_us)),
	    &n);

	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(schedule_mark_failed_restored, .after = db_uuid(&r->after),
			.to = db_uuid(&r->to), .since = db_time(r->since_us)),
		    &failed);
	r->counted[0] = n;
	r->counted[1] = failed;
	return rc;
}

/* Order: schedules, attempts (by the state of their pins), pins. */
static enum db_rc
recover_pins(struct db *db, void *arg)
{
	struct recover *r = arg;
	uint64_t n = 0, failed = 0;
	enum db_rc rc = db_exec_any(db,
	    SQL_IN(schedule_mark_promoted_restored, .after = db_uuid(&r->after),
		.to = db_uuid(&r->to)),
	    NULL);

	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(
			attempt_mark_restored, .after = db_uuid(&r->after), .to = db_uuid(&r->to)),
		    NULL);
	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(pin_mark_restored, .after = db_uuid(&r->after), .to = db_uuid(&r->to),
			.since = db_time(r->since_us),
			.verify_after_production = db_int(r->verify_after_us[ENV_PRODUCTION]),
			.verify_after_sandbox = db_int(r->verify_after_us[ENV_SANDBOX])),
		    &n);
	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(pin_mark_failed_restored, .after = db_uuid(&r->after),
			.to = db_uuid(&r->to), .since = db_time(r->since_us)),
		    &failed);
	r->counted[0] = n;
	r->counted[1] = failed;
	return rc;
}

/* Walks a whole table by key, one transaction per batch. */
static enum db_rc
shards_walk(struct db *db, struct recover *r, unsigned ends,
    enum db_rc (*batch)(struct db *db, void *arg), uint64_t *sums[2])
{
	enum db_rc rc = DB_OK;

	memset(&r->after, 0, sizeof(r->after));
	for (bool last = false; rc == DB_OK && !last; r->after = r->to) {
		rc = db_row(db,
		    SQL_IN_LIKE(pin_batch_end, ends, .after = db_uuid(&r->after),
			.rows = db_int(BATCH_ROWS - 1)),
		    SQL_OUT(pin_batch_end, .id = db_get_uuid(&r->to)));
		last = rc == DB_NONE;
		if (last)
			r->to = recover_owner(); /* the greatest possible id */
		if (rc == DB_OK || last)
			rc = db_transact(db, batch, r);
		for (int i = 0; i < 2 && rc == DB_OK; i++)
			*sums[i] += r->counted[i];
	}
	return rc;
}

static enum db_rc
recovery_end(struct db *db, void *arg)
{
	const struct uuid owner = recover_owner();

	(void)arg;
	return db_exec_any(db, SQL_IN(shard_release_recovery, .owner = db_uuid(&owner)), NULL);
}

static enum db_rc
recovery_work(struct db *db, struct recover *r)
{
	uint64_t *schedules[] = { &r->planned, &r->failed }, *pins[] = { &r->pins, &r->failed };
	enum db_rc rc = db_transact(db, recovery_begin, r);

	if (rc == DB_OK)
		rc = shards_walk(db, r, SQL_LIKE(pin_batch_end, schedule_batch_end),
		    recover_schedules, schedules);
	if (rc == DB_OK)
		rc = shards_walk(db, r, SQL_pin_batch_end, recover_pins, pins);
	return rc == DB_OK ? db_transact(db, recovery_end, NULL) : rc;
}

static int
recovery_refuse(const struct ctl *c, const struct recover *r)
{
	return ctl_fail(
	    "a worker may be alive (process %" PRId64 ", seen %" PRId64 " s ago): stop "
	    "pintempo-worker on every machine (systemctl stop pintempo-worker; for cron, remove "
	    "its line), then run this again. If it is stopped and only the restored database says "
	    "so, wait until it was not seen for %" PRId64 " s",
	    r->pid, r->seen_s, c->conf->lease_ms / 1000);
}

static void
recovery_print(struct ctl *c, const struct recover *r, int64_t asked_us, int64_t now)
{
	char from[RFC3339_SIZE], to[RFC3339_SIZE];

	rfc3339_format(r->since_us, from);
	rfc3339_format(now, to);
	if (r->since_us < asked_us)
		printf("since      %s: nothing in this database is newer\n",
		    format_time(c->mem, r->since_us, now));
	printf("pins       %" PRIu64 " are looked up on Pinterest before they are sent\n"
	       "schedules  %" PRIu64 " are due, and their pins are looked up too\n"
	       "failed     %" PRIu64 " are looked up if they are retried\n",
	    r->pins, r->planned, r->failed);
	if (r->imports > 0)
		printf("imports    %" PRIu64 " are in progress, and their rows are looked up too\n",
		    r->imports);
	printf(
	    "lost       what was accepted, changed or canceled from %s to\n"
	    "           %s cannot be recovered: this database does not hold it.\n"
	    "           Ids returned then are unknown (404), and so are their idempotency keys: "
	    "check\n"
	    "           Pinterest before sending any of it again. What was canceled then is back: "
	    "cancel it again\n",
	    from, to);
	if (r->at_most >= 0)
		printf("daily cap  counts up to %" PRId64
		       " pins of each account as published then\n",
		    r->at_most);
	else
		puts("daily cap  counts what each account's pace allowed to publish then: an "
		     "account with a\n           daily cap may wait up to 24 h. If it published "
		     "less: run this again with --at-most");
	puts("next       systemctl start pintempo-worker");
}

int
recover_run(struct ctl *c, int argc, char **argv)
{
	const char *text = NULL, *most = NULL, *fault;
	const struct args_option options[] = { { .name = "--since", .value = &text },
		{ .name = "--at-most", .value = &most } };
	struct recover r = { .lease_us = c->conf->lease_ms * US_PER_MS, .at_most = -1 };
	struct db_conf conf = c->conf->db_ctl;
	int64_t asked_us, now;
	struct db *db;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0) || text == NULL)
		return CTL_USAGE;
	fault = rfc3339_fault(text, &asked_us);
	if (fault != NULL)
		return ctl_fail("--since %s: %s", text, fault);
	if (most != NULL && num_parse(most, 0, 1000000, &r.at_most) != 0)
		return ctl_fail("--at-most %s: not a number of pins", most);
	for (int e = 0; e < ENV__COUNT; e++)
		r.verify_after_us[e] = c->conf->upstream[e].verify_after_ms * US_PER_MS;
	r.since_us = asked_us;
	conf.timeout_s = TIMEOUT_S;
	db = db_open(&conf, sql_stmts, SQL__COUNT, DB_USER_CTL);
	db_use(db, c->mem);
	rc = db_now(db, &now);
	if (rc == DB_OK && asked_us > now) {
		db_close(db);
		return ctl_fail("--since %s: the time is in the future", text);
	}
	if (rc == DB_OK)
		rc = find_since(db, &r);
	if (rc == DB_OK)
		rc = recovery_work(db, &r);
	db_close(db);
	if (rc == DB_NONE && r.alive > 0)
		return recovery_refuse(c, &r);
	if (rc != DB_OK)
		return ctl_db_fail("recover (nothing is published until it completes: run it "
				   "again)",
		    rc);
	recovery_print(c, &r, asked_us, now);
	return CTL_OK;
}

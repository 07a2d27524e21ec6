/*
 * Steps of the database's clock. Invariant: nothing here makes a pin due before the time its user
 * gave.
 */
#include "worker/frame/clock_step_db.h"

#include "lib/clock.h"
#include "lib/log.h"
#include "sql/stmt.h"

#define STEP_US (2 * US_PER_S)
#define GAINED_US (60 * US_PER_S)
#define SLOW_US (1 * US_PER_S)

int64_t
clock_step_observe(struct clock_step *s, const struct clock_sample *sample, int64_t before_us)
{
	int64_t offset = sample->db_us - sample->mono_us, by = offset - s->offset_us;
	int64_t took = sample->mono_us - before_us;
	bool slow = took > SLOW_US, known = s->known;
	/* what a slow answer says is wrong by up to the time that it took */
	int64_t step_us = slow ? STEP_US + took : STEP_US;
	bool stepped = known && (by >= step_us || by <= -step_us);

	if (sample->db_us == 0 || (slow && !stepped))
		return 0;
	s->known = true;
	s->offset_us = offset;
	if (!stepped)
		return 0;
	s->by_us = by;
	s->at_us = sample->mono_us;
	if (by > 0)
		s->ahead_us = sample->mono_us;
	return by;
}

int64_t
clock_step_age(const struct clock_step *s, int64_t mono_us)
{
	return s->ahead_us == 0 ? INT64_MAX : mono_us - s->ahead_us;
}

/* A step of the clock as it affects some shards. */
struct step_shift {
	const struct leases *leases;
	int64_t by_us;
};

static enum db_rc
shift_shards(struct db *db, void *arg)
{
	const struct step_shift *s = arg;
	enum db_rc rc = db_exec_any(db,
	    SQL_IN(clock_step_shards, .shards = leases_param(s->leases), .us = db_int(s->by_us)),
	    NULL);

	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(clock_step_lanes, .shards = leases_param(s->leases),
			.us = db_int(s->by_us)),
		    NULL);
	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(clock_step_attempts, .shards = leases_param(s->leases),
			.ms = db_int(s->by_us / US_PER_MS)),
		    NULL);
	return rc;
}

static enum db_rc
shift_leased_shards(struct db *db, const struct leases *leases, int64_t by_us)
{
	struct step_shift s = { leases, by_us };

	if (leases->len == 0)
		return DB_OK;
	log_warn("event=clock_stepped by_ms=%lld shards=%zu", (long long)(by_us / US_PER_MS),
	    leases->len);
	return db_transact(db, shift_shards, &s);
}

enum db_rc
clock_step_check(struct db *db, struct clock_step *s, const struct clock_sample *sample,
    int64_t before_us, const struct leases *leases)
{
	struct clock_step before = *s;
	int64_t by = clock_step_observe(s, sample, before_us);
	enum db_rc rc = by != 0 ? shift_leased_shards(db, leases, by) : DB_OK;

	if (rc != DB_OK)
		*s = before; /* the step will be observed again */
	return rc;
}

enum db_rc
clock_step_adopt(
    struct db *db, const struct clock_step *s, const struct leases *leases, uint64_t had)
{
	struct leases gained;

	if (s->at_us == 0 || clock_mono_us() - s->at_us > GAINED_US)
		return DB_OK;
	leases_init(&gained, &leases->owner);
	for (unsigned n = 0; n < SHARD_COUNT; n++)
		if (leases->mask & FENCE_BIT(n) & ~had)
			leases_add(&gained, n, leases->epoch[n]);
	return shift_leased_shards(db, &gained, s->by_us);
}

struct step_back {
	int64_t lease_us;
	bool went_back;
};

static enum db_rc
rewind_work(struct db *db, void *arg)
{
	static const unsigned stmts[] = { SQL_clock_step_lanes_due, SQL_clock_step_pins,
		SQL_clock_step_sending_pins, SQL_clock_step_deliveries, SQL_clock_step_accounts,
		SQL_clock_step_apps, SQL_clock_step_imports, SQL_clock_step_mails };
	struct step_back *b = arg;
	enum db_rc rc = db_exec(db, SQL_IN(clock_step_workers), NULL);

	b->went_back = rc == DB_OK;
	if (rc != DB_OK)
		return rc;
	rc = db_exec_any(db, SQL_IN(clock_step_leases, .lease = db_int(b->lease_us)), NULL);
	for (size_t i = 0; i < sizeof(stmts) / sizeof(stmts[0]); i++)
		if (rc == DB_OK)
			rc = db_exec_any(db, stmts[i], NULL, 0, NULL);
	return rc;
}

enum db_rc
clock_step_rewind(struct db *db, int64_t lease_us)
{
	struct step_back b = { .lease_us = lease_us };
	enum db_rc rc = db_transact(db, rewind_work, &b);

	if (rc == DB_OK && b.went_back)
		log_warn("event=clock_went_back");
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * Leases. Invariant: what is in `held` was ours when the table was last read; whether it still is,
 * only the fence knows.
 */
#include "config.h"

#include "worker/frame/shards.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "sql/stmt.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/clock_step_db.h"
#include "worker/frame/worker.h"

#define LOOK_US (500 * US_PER_MS)

struct shards {
	struct worker *w;
	struct leases leases;
	unsigned in_use[SHARD_COUNT];
	int64_t next_us;  /* monotonic: next look */
	int64_t renew_us; /* monotonic: next renewal, at a look */
	bool registered, known, resident_alive, under_way, frozen, down, freed;
	unsigned jobs;
	uint64_t lost; /* told by jobs while a renewal was under way */
};

/* One look at the table: renew, give away, claim. */
struct round {
	struct shards *s;
	struct clock_step *clock;
	struct leases leases; /* in: what we think; out: what the table says */
	struct uuid owner, host;
	bool register_first, resident, host_locked, release_idle, renew;
	uint64_t in_use;
	int64_t lease_us;
	struct clock_sample sample;
	int64_t residents; /* others */
	/* the row being read */
	int64_t shard, epoch, lapsed, now_us;
	struct uuid row_owner, row_host;
	uint64_t takeable;
	int64_t seen_epoch[SHARD_COUNT];
};

/* ---- DB thread ---- */

static enum db_rc
present(struct db *db, struct round *r)
{
	enum db_rc rc = DB_NONE;

	if (!r->register_first)
		rc = db_exec(db, SQL_IN(worker_heartbeat, .id = db_uuid(&r->owner)), NULL);
	if (rc != DB_NONE)
		return rc;
	if (r->host_locked) {
		rc = db_exec(db,
		    SQL_IN(worker_stop_host, .host = db_uuid(&r->host), .id = db_uuid(&r->owner)),
		    NULL);
		if (rc != DB_OK && rc != DB_NONE)
			return rc;
	}
	rc = db_exec(db,
	    SQL_IN(worker_insert, .id = db_uuid(&r->owner), .host = db_uuid(&r->host),
		.pid = db_int(getpid()), .resident = db_int(r->resident),
		.version = db_text(VERSION)),
	    NULL);
	return rc == DB_DUP ? DB_OK : rc;
}

static void
on_shard(void *arg)
{
	struct round *r = arg;
	unsigned s = (unsigned)r->shard & (SHARD_COUNT - 1);
	bool mine = uuid_equal(&r->row_owner, &r->owner);

	r->seen_epoch[s] = r->epoch;
	if (mine)
		leases_add(&r->leases, s, r->epoch);
	else if (r->lapsed || uuid_is_nil(&r->row_owner) ||
		 (r->host_locked && uuid_equal(&r->row_host, &r->host)))
		r->takeable |= FENCE_BIT(s);
}

static enum db_rc
look(struct db *db, struct round *r)
{
	int64_t began_us;
	enum db_rc rc;

	leases_init(&r->leases, &r->owner);
	rc = db_each(db, SQL_IN(shard_list),
	    SQL_OUT(shard_list, .shard = db_get_int(&r->shard), .owner = db_get_uuid(&r->row_owner),
		.host_id = db_get_uuid(&r->row_host), .epoch = db_get_int(&r->epoch),
		.lapsed = db_get_int(&r->lapsed), .now = db_get_time(&r->now_us)),
	    on_shard, r);
	if (rc != DB_OK)
		return rc;
	began_us = clock_mono_us();
	rc = db_row(db,
	    SQL_IN(worker_live_count, .id = db_uuid(&r->owner), .lease = db_int(r->lease_us)),
	    SQL_OUT(worker_live_count, .alive = db_get_int(&r->residents),
		.now = db_get_time(&r->sample.db_us)));
	r->sample.mono_us = clock_mono_us();
	return rc == DB_OK ? clock_step_check(db, r->clock, &r->sample, began_us, &r->leases) : rc;
}

static enum db_rc
renew(struct db *db, const struct round *r)
{
	enum db_rc rc;

	if (r->leases.len == 0)
		return DB_OK;
	CRASH_POINT("lease.before_renew");
	rc = db_exec(db,
	    SQL_IN(shard_renew, .owner = db_uuid(&r->owner), .lease = db_int(r->lease_us),
		.shards = leases_param(&r->leases)),
	    NULL);
	CRASH_POINT("lease.after_renew");
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
release(struct db *db, struct round *r, uint64_t mask)
{
	unsigned char list[SHARD_COUNT];
	enum db_rc rc;

	if (mask == 0)
		return DB_OK;
	rc = db_exec(db,
	    SQL_IN(shard_release, .owner = db_uuid(&r->owner),
		.shards = leases_mask_param(mask, list)),
	    NULL);
	if (rc == DB_OK || rc == DB_NONE)
		leases_drop(&r->leases, mask);
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
claim(struct db *db, struct round *r, unsigned shard)
{
	enum db_rc rc = db_exec(db,
	    SQL_IN(shard_claim, .shard = db_int(shard), .epoch = db_int(r->seen_epoch[shard]),
		.owner = db_uuid(&r->owner), .host = db_uuid(&r->host),
		.same_host = db_int(r->host_locked), .lease = db_int(r->lease_us)),
	    NULL);

	if (rc == DB_OK)
		leases_add(&r->leases, shard, r->seen_epoch[shard] + 1);
	return rc == DB_NONE ? DB_OK : rc;
}

/*
 * An even share: what is over it goes (when idle), what is missing is taken. Only resident workers
 * count: one that is run by cron takes everything when there is none, and nothing beside one.
 */
static enum db_rc
balance(struct db *db, struct round *r)
{
	size_t sharers = r->resident ? (size_t)r->residents + 1 : 1;
	size_t share = (SHARD_COUNT + sharers - 1) / sharers;
	unsigned first = r->owner.b[15];
	uint64_t give = 0, had = r->leases.mask;
	size_t over = r->leases.len > share ? r->leases.len - share : 0;
	enum db_rc rc = DB_OK;

	for (unsigned i = 0; i < SHARD_COUNT; i++) {
		unsigned s = (first + i) % SHARD_COUNT;

		if (over > 0 && (r->leases.mask & FENCE_BIT(s)) && !(r->in_use & FENCE_BIT(s))) {
			give |= FENCE_BIT(s);
			over--;
		}
		if (rc == DB_OK && r->leases.len < share && (r->takeable & FENCE_BIT(s)))
			rc = claim(db, r, s);
	}
	if (rc == DB_OK)
		rc = clock_step_adopt(db, r->clock, &r->leases, had);
	return rc == DB_OK ? release(db, r, give) : rc;
}

static enum db_rc
round_run(struct db *db, void *arg)
{
	struct round *r = arg;
	enum db_rc rc = DB_OK;

	if (r->renew)
		rc = clock_step_rewind(db, r->lease_us);
	if (rc == DB_OK && r->renew)
		rc = present(db, r);
	if (rc == DB_OK && r->renew)
		rc = renew(db, r);
	if (rc == DB_OK)
		rc = look(db, r);
	if (rc == DB_OK && r->release_idle)
		return release(db, r, r->leases.mask & ~r->in_use);
	if (rc == DB_OK && (r->resident || r->residents == 0))
		rc = balance(db, r);
	return rc;
}

/* ---- loop thread ---- */

static void
tell(const struct shards *s, uint64_t before)
{
	uint64_t gained = s->leases.mask & ~before, lost = before & ~s->leases.mask;

	if (gained != 0 || lost != 0)
		log_info("event=shards_changed held=%zu gained=%d lost=%d", s->leases.len,
		    __builtin_popcountll(gained), __builtin_popcountll(lost));
}

static void
round_done(void *arg, enum db_rc rc)
{
	struct round *r = arg;
	struct shards *s = r->s;
	uint64_t before = s->leases.mask;
	int64_t now = clock_mono_us();

	s->under_way = false;
	s->jobs--;
	if (rc == DB_OK) {
		s->leases = r->leases;
		s->registered = s->known = true;
		s->down = false;
		s->resident_alive = r->residents > 0;
		worker_clock_sample(s->w, &r->sample);
		leases_drop(&s->leases, s->lost);
		tell(s, before);
		if (r->renew)
			s->renew_us = now + s->w->conf->lease_renew_ms * US_PER_MS;
		s->next_us = s->renew_us;
		/* Not alone: somebody may leave, or give some away. */
		if ((r->residents > 0 || !r->resident || s->leases.len < SHARD_COUNT) &&
		    s->next_us > now + LOOK_US)
			s->next_us = now + LOOK_US;
		if (s->lost != 0)
			s->next_us = now;
		s->freed = s->freed || r->release_idle;
	} else {
		if (!s->down)
			log_warn("event=lease_renewal_failed rc=%s", db_rc_name(rc));
		s->down = true;
		s->next_us = now + 250 * US_PER_MS;
	}
	s->lost = 0;
	free(r);
	loop_poke(s->w->loop);
}

static uint64_t
used(const struct shards *s)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < SHARD_COUNT; i++)
		if (s->in_use[i] > 0)
			mask |= FENCE_BIT(i);
	return mask;
}

int64_t
shards_tick(void *self, int64_t mono_us)
{
	struct shards *s = self;
	struct round *r;

	if (s->under_way || s->frozen)
		return LOOP_NEVER;
	/* Draining: what nothing under way needs is free at once. */
	if (mono_us < s->next_us && !(s->w->draining && !s->freed && s->registered))
		return s->next_us;
	r = xcalloc(1, sizeof(*r));
	r->s = s;
	r->clock = s->w->clock;
	r->leases = s->leases;
	r->owner = s->w->id;
	r->host = s->w->host_id;
	r->host_locked = s->w->host_locked;
	r->register_first = !s->registered;
	r->resident = s->w->resident;
	r->release_idle = s->w->draining;
	r->renew = !s->registered || mono_us >= s->renew_us;
	r->in_use = used(s);
	r->lease_us = s->w->conf->lease_ms * US_PER_MS;
	s->under_way = true;
	s->jobs++;
	dbq_submit(s->w->dbq, DBQ_SAVE, round_run, round_done, r);
	return LOOP_NEVER;
}

struct shards *
shards_new(struct worker *w)
{
	struct shards *s = xcalloc(1, sizeof(*s));

	s->w = w;
	leases_init(&s->leases, &w->id);
	return s;
}

unsigned
shards_busy(const void *self)
{
	const struct shards *s = self;

	return s->jobs;
}

void
shards_free(void *self)
{
	free(self);
}

void
shards_leases(const struct shards *s, struct leases *out)
{
	*out = s->leases;
}

void
shards_lost(struct shards *s, uint64_t mask)
{
	uint64_t before = s->leases.mask;

	if (mask == 0)
		return;
	log_warn("event=shards_lost count=%d", __builtin_popcountll(mask & before));
	leases_drop(&s->leases, mask);
	s->lost |= mask;
	s->next_us = 0;
	loop_poke(s->w->loop);
}

void
shards_freeze(struct shards *s)
{
	s->frozen = true;
}

void
shards_thaw(struct shards *s)
{
	s->frozen = false;
}

void
shards_pin(struct shards *s, unsigned shard)
{
	s->in_use[shard]++;
}

void
shards_unpin(struct shards *s, unsigned shard)
{
	if (s->in_use[shard]-- == 0)
		panic("event=shard_unpinned_twice shard=%u", shard);
}

uint64_t
shards_mask(const struct shards *s)
{
	return s->leases.mask;
}

bool
shards_resident_alive(const struct shards *s)
{
	return s->resident_alive;
}

bool
shards_known(const struct shards *s)
{
	return s->known;
}

/* ---- the end ---- */

struct farewell {
	struct uuid owner, host;
	bool resident;
	void (*done)(void *arg);
	void *arg;
};

/* When cron will start the next --once: as long after this one as this one came after the last. */
static enum db_rc
expected(struct db *db, const struct farewell *f, int64_t *period_us)
{
	enum db_rc rc = db_row(db,
	    SQL_IN(worker_run_period, .id = db_uuid(&f->owner), .host = db_uuid(&f->host)),
	    SQL_OUT(worker_run_period, .period_us = db_get_int(period_us)));

	if (rc == DB_NONE || *period_us < 10 * US_PER_S || *period_us > 86400 * US_PER_S)
		*period_us = 60 * US_PER_S;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
farewell_run(struct db *db, void *arg)
{
	struct farewell *f = arg;
	unsigned char list[SHARD_COUNT];
	int64_t period_us = 0;
	enum db_rc rc = DB_OK;

	if (!f->resident)
		rc = expected(db, f, &period_us);
	if (rc == DB_OK)
		rc = db_exec(db,
		    SQL_IN(shard_release, .owner = db_uuid(&f->owner),
			.shards = leases_mask_param(UINT64_MAX, list)),
		    NULL);
	if (rc == DB_OK || rc == DB_NONE)
		rc = db_exec(db,
		    SQL_IN(worker_stop, .id = db_uuid(&f->owner),
			.expected = f->resident ? db_null() : db_int(period_us)),
		    NULL);
	return rc;
}

static void
farewell_done(void *arg, enum db_rc rc)
{
	struct farewell *f = arg;

	if (rc != DB_OK)
		log_warn("event=stop_not_recorded rc=%s", db_rc_name(rc));
	f->done(f->arg);
	free(f);
}

void
shards_stop(struct shards *s, void (*done)(void *arg), void *arg)
{
	struct farewell *f = xcalloc(1, sizeof(*f));

	f->owner = s->w->id;
	f->host = s->w->host_id;
	f->resident = s->w->resident;
	f->done = done;
	f->arg = arg;
	dbq_submit(s->w->dbq, DBQ_SAVE, farewell_run, farewell_done, f);
}

#ifndef WORKER_FRAME_WORKER_H
#define WORKER_FRAME_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/uuid.h"
#include "worker/frame/clock_sample.h"
#include "worker/frame/counters.h"

/*
 * Everything the worker consists of; made in main, freed there. Loop thread only: a job for the DB
 * thread gets a struct of its own with copies of what it needs (text of the configuration lives
 * until the program ends and need not be copied).
 *
 * How a module is written (deliver, importer and refresh included):
 *  - x_new(w) makes it; x_tick(x, mono_us) does all that can be done now and returns the monotonic
 *    time when it wants to be ticked again (LOOP_NEVER: when somebody pokes); x_busy(x) counts what
 *    is under way (jobs, transfers, unsaved outcomes), so that a drain knows when it is over;
 *    x_free(x). It gets one row in main.c's table.
 *  - While w->draining it starts nothing new and finishes what is under way.
 *  - Database: fill a struct of your own (calloc'ed), shards_leases() into it, dbq_submit(w->dbq,
 *    DBQ_WORK, run, done, it). In `run`: db_transact() whose work begins with fence_take() over
 *    the shards of the rows it writes; DB_NONE from it means lost: return it, and in `done` call
 *    shards_lost(). Results that must not be lost go by DBQ_SAVE.
 *  - HTTP: transport_start(w->pinterest or w->webhooks, ...); the callback records and pokes.
 *  - "Now" is the database's: worker_db_now() on the loop thread, UTC_TIMESTAMP(6) in statements.
 *    A job takes a clock_sample and `done` hands it to worker_clock_sample().
 *  - Due work is found by each module's own poll (conf->poll_ms), by its bit in w->woken (look
 *    now) and by a timer from the next due time.
 */
struct worker {
	struct conf *conf; /* replaced by SIGHUP; the old one lives on */
	struct keyring *keyring;
	struct uuid id; /* of this start of the program: workers.id, shards.owner */
	struct uuid host_id;
	bool host_locked; /* its lock is ours: earlier workers of this host are dead */
	bool resident;    /* not --once */
	bool draining;
	unsigned wakes;       /* enum wake: asked for since the last tick began */
	unsigned woken;       /* enum wake: what this tick has to look at now */
	int64_t db_offset_us; /* database clock minus monotonic clock; a lower bound */
	bool db_offset_known;
	struct clock_step *clock; /* the DB thread's alone */

	struct loop *loop;
	struct dbq *dbq;
	struct transport *pinterest; /* unguarded: the operator chose the address */
	struct transport *webhooks;  /* guarded by conf->outbound */
	struct shards *shards;
	struct stats *stats;
	struct counters counters;
	struct periodic *promote;
	struct periodic *turn;
	struct publish *publish;
	struct verify *verify;
	struct periodic *deadline;
	struct periodic *retention;
	struct refresh *refresh;
	struct deliver *deliver;
	struct periodic *import;
};

/* Who has new work in the tables. */
enum wake {
	WAKE_PROMOTE = 1,
	WAKE_TURN = 2,
	WAKE_DELIVERY = 4,
	WAKE_REFRESH = 8,
	WAKE_IMPORT = 16,
	WAKE_ALL = 31
};
/* These modules look at once, in the next tick. */
void worker_wake(struct worker *w, unsigned wakes);

/* Learns the offset between the two clocks from a job's sample (db_us 0: ignored). */
void worker_clock_sample(struct worker *w, const struct clock_sample *m);
/* The database's clock now, never ahead of it. */
int64_t worker_db_now(const struct worker *w, int64_t mono_us);
/* The monotonic time at which the database's clock has reached db_us; TIME_NONE: LOOP_NEVER. */
int64_t worker_mono_at(const struct worker *w, int64_t db_us);

#endif

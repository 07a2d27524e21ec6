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
 * thread gets a struct of its own with copies of what it needs (texts of the configuration live
 * until the program ends and need not be copied).
 *
 * A stage is a row in main.c's table: a periodic_kind (frame/periodic.h), or x_new(), x_tick()
 * (does all that can be done now and returns the monotonic time to be ticked again), x_busy()
 * (counts what is under way, so that a drain knows when it is over) and x_free(). While draining it
 * starts nothing new. Its transactions begin with fence_take(); results that must not be lost are
 * saved by DBQ_SAVE. "Now" is the database's clock: worker_db_now(), UTC_TIMESTAMP(6).
 */
struct worker {
	struct conf *conf; /* replaced on SIGHUP; the old one lives on */
	struct keyring *keyring;
	struct uuid id; /* of this run: workers.id, shards.owner */
	struct uuid host_id;
	bool host_locked; /* this worker has its lock: earlier workers of this host are dead */
	bool resident;    /* not --once */
	bool draining;
	unsigned wakes;       /* enum wake: since the last tick began */
	unsigned woken;       /* enum wake: who has new work in this tick */
	int64_t db_offset_us; /* database clock minus monotonic clock; a lower bound */
	bool db_offset_known;
	struct clock_step *clock; /* DB thread only */

	struct loop *loop;
	struct dbq *dbq;
	struct transport *pinterest; /* unguarded: the operator chose the address */
	struct transport *webhooks;  /* guarded by conf->outbound */
	struct transport *images; /* likewise; trusts the system's authorities, as Pinterest does */
	struct shards *shards;
	struct stats *stats;
	struct counters counters;
	struct periodic *promote;
	struct periodic *turn;
	struct publish *publish;
	struct verify *verify;
	struct periodic *deadline;
	struct periodic *retention;
	struct periodic *reset;
	struct refresh *refresh;
	struct deliver *deliver;
	struct periodic *import;
	struct mail_stage *mail;
};

/* Stages that have new work in the tables. */
enum wake {
	WAKE_PROMOTE = 1,
	WAKE_TURN = 2,
	WAKE_DELIVERY = 4,
	WAKE_REFRESH = 8,
	WAKE_IMPORT = 16,
	WAKE_MAIL = 32,
	WAKE_ALL = 63
};
/* These stages look for work in the next tick. */
void worker_wake(struct worker *w, unsigned wakes);

/* Learns the offset between the two clocks from a job's sample (db_us 0: ignored). */
void worker_clock_sample(struct worker *w, const struct clock_sample *sample);
/* The database's clock now, never ahead of it. */
int64_t worker_db_now(const struct worker *w, int64_t mono_us);
/* The monotonic time at which the database's clock has reached db_us; TIME_NONE: LOOP_NEVER. */
int64_t worker_mono_at(const struct worker *w, int64_t db_us);

#endif

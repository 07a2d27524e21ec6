#ifndef WORKER_TURN_TURN_DB_H
#define WORKER_TURN_TURN_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/frame/fence_db.h"
#include "worker/pin/poison_db.h"
#include "worker/frame/clock_step_db.h"
#include "worker/publish/intent.h"
#include "worker/verify/lookup.h"
#include "worker/frame/clock_sample.h"

/*
 * One turn: locks the lanes that are due, grants the next pin of each when its pace allows, and
 * commits all intents together. The state of a lane is in its row alone, so that a turn of any
 * worker that holds the shard does the same.
 */
#define TURN_LANES 64 /* most lanes of one turn */

struct turn_job {
	/* in */
	struct leases leases;
	struct uuid worker_id;
	const struct upstream *upstream[ENV__COUNT];
	struct bucket_rate shard_rate;
	int64_t event_deadline_s;
	size_t limit;              /* most lanes of this turn, at most TURN_LANES */
	int64_t max_send_delay_us; /* after its intent a create leaves within this, or never */
	size_t max_intents, max_lookups;
	struct uuid *publish_pins; /* pins in flight or unsaved here: not to be taken over */
	size_t publish_pins_len;
	struct uuid *verify_pins; /* pins that are being looked up here */
	size_t verify_pins_len;
	struct clock_step *clock;
	/* out */
	struct intent intents[TURN_LANES];
	size_t intents_len;
	struct lookup lookups[TURN_LANES];
	size_t lookups_len;
	bool has_events;        /* a pin came to its end, so deliveries are due */
	bool in_doubt;          /* COMMIT unknown: the intents may exist, none may be sent */
	size_t due, served;     /* lanes found due; lanes served */
	int64_t oldest_us;      /* how long the first of them had been due */
	int64_t next_us;        /* database time when the next other lane is due; TIME_NONE: none */
	int64_t served_wake_us; /* the same, of the lanes served */
	int64_t boot_us;        /* clock_boot_us() before the transaction began */
	int64_t took_us;
	uint64_t lost;         /* DB_NONE: shards that are not leased any more */
	struct poison culprit; /* the pin whose rows the database refuses, if known */
	struct clock_sample sample;
};

/*
 * A dbq_run; arg is a struct turn_job. DB_OK, or an error; then nothing was granted. DB_NONE:
 * shards were lost. A pin whose rows the database refuses is failed by poison(); when that does not
 * help, its lane (or the only one, with limit 1) is postponed for a minute. Checks the database's
 * clock for steps first (worker/frame/clock_step_db.h).
 */
enum db_rc turn_run(struct db *db, struct turn_job *t);

#endif

#ifndef WORKER_TURN_TURN_DB_H
#define WORKER_TURN_TURN_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf.h"
#include "lib/db/db.h"
#include "lib/uuid.h"
#include "worker/frame/batch.h"
#include "worker/frame/clock_step_db.h"
#include "worker/frame/fence_db.h"
#include "worker/pin/poison_db.h"
#include "worker/publish/intent.h"
#include "worker/verify/lookup.h"

/*
 * One turn: locks the lanes that are due, grants the next pin of each when its pace allows, and
 * commits all intents together. The state of a lane is in its row alone, so that a turn of any
 * worker that holds the shard does the same.
 */
#define TURN_LANES 64 /* most lanes of one turn */

struct turn_job {
	struct batch batch; /* limit: most lanes of this turn */
	/* in */
	struct uuid worker_id;
	const struct upstream *upstream[ENV__COUNT];
	struct bucket_rate shard_rate;
	int64_t event_deadline_s;
	int64_t max_send_delay_us; /* after its intent a create leaves within this, or never */
	size_t max_intents, max_lookups;
	struct fair_places *shares[ENV__COUNT];        /* who has how many creates in flight */
	int64_t each_us[ENV__COUNT];                   /* average time of one */
	struct fair_places *lookup_shares[ENV__COUNT]; /* and how many look-ups */
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
	struct turn_put_off {
		enum environment environment;
		struct uuid project_id;
		int64_t at_us;
	} put_off[TURN_LANES]; /* lanes that wait because their project's share is taken */
	size_t put_off_len;
	bool has_events;        /* a pin came to its end, so deliveries are due */
	bool in_doubt;          /* COMMIT unknown: the intents may exist, none may be sent */
	size_t due, served;     /* lanes found due; lanes served */
	int64_t oldest_us;      /* how long the first of them had been due */
	int64_t served_wake_us; /* earliest next turn of the lanes served; TIME_NONE: none */
	int64_t boot_us;        /* clock_boot_us() before the transaction began */
	struct poison culprit;  /* the pin whose rows the database refuses, if known */
};

/*
 * A run of a periodic_kind; job is a struct turn_job. DB_OK, or an error; then nothing was granted.
 * DB_NONE: shards were lost. A pin whose rows the database refuses is failed by poison(); when that
 * does not help, its lane (or the only one, with limit 1) is postponed for a minute. Checks the
 * database's clock for steps first (worker/frame/clock_step_db.h).
 */
enum db_rc turn_run(struct db *db, void *job);

#endif

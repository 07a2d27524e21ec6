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
 * One turn of the lanes, on the DB thread: lanes that want to be looked at are locked, the next pin
 * of each is granted when its pace allows, and all intents are committed together. What lanes know
 * is in the table alone, so a turn of any worker that holds the shard does the same.
 */
#define TURN_LANES 64

struct turn_job {
	/* in */
	struct leases leases;
	struct uuid worker_id;
	const struct upstream *upstream[ENV__COUNT];
	struct bucket_rate shard_rate;
	int64_t event_deadline_s;
	size_t limit;              /* lanes, at most TURN_LANES */
	int64_t max_send_delay_us; /* what is granted must leave so soon */
	size_t max_intents, max_lookups;
	struct uuid *publish_pins; /* pins under way or unsaved here: not to be taken over */
	size_t publish_pins_len;
	struct uuid *verify_pins; /* pins that are being looked up here */
	size_t verify_pins_len;
	struct clock_step *clock;
	/* out */
	struct intent intents[TURN_LANES];
	size_t intents_len;
	struct lookup lookups[TURN_LANES];
	size_t lookups_len;
	bool has_events;        /* some pin is over: its event is to be told */
	bool in_doubt;          /* the COMMIT was cut: the intents may exist, nothing may leave */
	size_t due, served;     /* lanes found due, and looked at */
	int64_t oldest_us;      /* how long the first of them had been due */
	int64_t next_us;        /* database time of the next lane's turn; TIME_NONE: none */
	int64_t served_wake_us; /* the same, of those that were looked at */
	int64_t boot_us;        /* clock_boot_us() before the transaction began */
	int64_t took_us;
	uint64_t lost;         /* shards that are ours no longer */
	struct poison culprit; /* the pin that the database refused, if that is known */
	struct clock_sample sample;
};

/*
 * On the DB thread. DB_OK, or what the database said; then nothing was granted. One pin whose rows
 * the database refuses is given up; a single lane (limit 1, DB_FAIL) where that does not help is
 * put off for a minute.
 */
enum db_rc turn_run(struct db *db, struct turn_job *t);

#endif

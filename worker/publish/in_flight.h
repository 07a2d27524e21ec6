#ifndef WORKER_PUBLISH_IN_FLIGHT_H
#define WORKER_PUBLISH_IN_FLIGHT_H

#include <stdbool.h>
#include <sys/queue.h>

#include "worker/publish/effects.h"
#include "worker/publish/intent.h"

struct arena;
struct publish;

/*
 * One create from intent to saved outcome. Owned by publish.c (loop thread); publish_db.c reads it
 * on the DB thread while it is in a save job.
 */
struct in_flight {
	struct publish *owner;
	struct arena *mem; /* text of intent and effects */
	struct intent intent;
	struct effects effects;
	bool attempt_only; /* shard lost: only the attempt is written, which no other worker can
			      know */
	LIST_ENTRY(in_flight) entry;
	STAILQ_ENTRY(in_flight) unsaved;
};

#endif

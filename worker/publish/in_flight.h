#ifndef WORKER_PUBLISH_IN_FLIGHT_H
#define WORKER_PUBLISH_IN_FLIGHT_H

#include <stdbool.h>
#include <sys/queue.h>

#include "worker/publish/effects.h"
#include "worker/publish/intent.h"

struct arena;
struct image_peek;
struct publish;

/*
 * One create from intent to saved outcome. Owned by publish.c (loop thread); publish_db.c
 * has it on the DB thread while it is in a save job.
 */
struct in_flight {
	struct publish *owner;
	struct arena *mem; /* text of intent and effects */
	struct intent intent;
	struct effects effects;
	const char *image_url;   /* in the snapshot; NULL: none */
	struct image_peek *peek; /* under way; NULL: none */
	bool
	    attempt_only; /* only the attempt is written: its shard was lost, or its rows refused */
	LIST_ENTRY(in_flight) entry;
	STAILQ_ENTRY(in_flight) unsaved;
};

#endif

#ifndef WORKER_PUBLISH_IN_FLIGHT_H
#define WORKER_PUBLISH_IN_FLIGHT_H

#include <stdbool.h>

#include "worker/publish/effects.h"
#include "worker/publish/intent.h"

struct arena;
struct publish;

/*
 * One create from intent to saved outcome; shared by publish.c (loop thread) and save.c (DB thread,
 * only while it is in a save job).
 */
struct in_flight {
	struct publish *owner;
	struct arena *mem; /* everything below points into it */
	struct intent intent;
	struct effects effects;
	bool attempt_only; /* its shard was lost: only what this worker alone knows is written */
	struct in_flight *next, **link;
	struct in_flight *next_unsaved;
};

#endif

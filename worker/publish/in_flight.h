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
struct create {
	struct publish *owner;
	struct arena *mem; /* everything below points into it */
	struct intent intent;
	struct answer answer;
	bool attempt_only; /* its shard was lost: only what this worker alone knows is written */
	struct create *next, **link;
	struct create *next_unsaved;
};

#endif

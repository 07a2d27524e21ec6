/* What the worker did in the last minute, in one line. */
#include "worker/stats.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/frame/shards.h"
#include "worker/frame/worker.h"
#include "worker/http/transport.h"
#include "worker/publish/publish.h"

#define PERIOD_US (60 * US_PER_S)

struct stats {
	struct worker *w;
	int64_t next_us;
};

static void
stats_log(struct worker *w)
{
	const struct counters *n = &w->counters;

	log_info("event=stats published=%lu refused=%lu retried=%lu held=%lu unknown=%lu "
		 "not_sent=%lu in_flight=%u transfers=%u webhooks=%u db_jobs=%u shards=%d "
		 "loop_lag_ms=%lld oldest_due_ms=%lld",
	    n->published, n->refused, n->retried, n->held, n->unknown, n->not_sent,
	    publish_busy(w->publish), transport_in_flight(w->pinterest),
	    transport_in_flight(w->webhooks), dbq_pending(w->dbq),
	    __builtin_popcountll(shards_mask(w->shards)),
	    (long long)(loop_lag_us(w->loop) / US_PER_MS),
	    (long long)(n->oldest_due_us / US_PER_MS));
	memset(&w->counters, 0, sizeof(w->counters));
}

int64_t
stats_tick(void *self, int64_t mono_us)
{
	struct stats *s = self;

	if (s->next_us == 0)
		s->next_us = mono_us + PERIOD_US;
	if (mono_us >= s->next_us) {
		stats_log(s->w);
		s->next_us = mono_us + PERIOD_US;
	}
	return s->w->draining ? LOOP_NEVER : s->next_us;
}

struct stats *
stats_new(struct worker *w)
{
	struct stats *s = xcalloc(1, sizeof(*s));

	s->w = w;
	return s;
}

unsigned
stats_busy(const void *self)
{
	(void)self;
	return 0;
}

void
stats_free(void *self)
{
	free(self);
}

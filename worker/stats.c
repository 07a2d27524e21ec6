/* What the worker did in the last minute, in one line. */
#include "worker/stats.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"
#include "worker/frame/dbq.h"
#include "worker/frame/loop.h"
#include "worker/publish/publish.h"
#include "worker/frame/shards.h"
#include "worker/http/transport.h"
#include "worker/frame/worker.h"

#define PERIOD_US (60 * US_PER_S)
#define KINDS (VERDICT_NOT_SENT + 1)

struct stats {
	struct worker *w;
	int64_t next_us, oldest_us;
	unsigned long created[KINDS];
};

static void
tell(struct stats *s)
{
	const unsigned long *n = s->created;

	log_info("event=stats published=%lu refused=%lu retried=%lu held=%lu unknown=%lu "
		 "not_sent=%lu in_flight=%u transfers=%u webhooks=%u db_jobs=%u shards=%d "
		 "loop_lag_ms=%lld oldest_due_ms=%lld",
	    n[VERDICT_PUBLISHED], n[VERDICT_REFUSE], n[VERDICT_RETRY_AT],
	    n[VERDICT_HOLD_LANE] + n[VERDICT_NEEDS_RECONNECT] + n[VERDICT_REFRESH_TOKEN] +
		n[VERDICT_STOP_APP],
	    n[VERDICT_UNKNOWN], n[VERDICT_NOT_SENT], publish_busy(s->w->publish),
	    transport_in_flight(s->w->pinterest), transport_in_flight(s->w->webhooks),
	    dbq_pending(s->w->dbq), __builtin_popcountll(shards_mask(s->w->shards)),
	    (long long)(loop_lag_us(s->w->loop) / US_PER_MS),
	    (long long)(s->oldest_us / US_PER_MS));
	for (int k = 0; k < KINDS; k++)
		s->created[k] = 0;
	s->oldest_us = 0;
}

int64_t
stats_tick(void *self, int64_t mono_us)
{
	struct stats *s = self;

	if (s->next_us == 0)
		s->next_us = mono_us + PERIOD_US;
	if (mono_us >= s->next_us) {
		tell(s);
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

void
stats_created(struct stats *s, enum verdict_kind k)
{
	s->created[k]++;
}

void
stats_oldest(struct stats *s, int64_t us)
{
	if (us > s->oldest_us)
		s->oldest_us = us;
}

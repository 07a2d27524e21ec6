/* When a lane may send. Invariant: every result is "now", or a later time with its reason. */
#include "worker/turn/pace.h"

#include "lib/clock.h"
#include "lib/wait.h"

#define DAY_US (86400 * US_PER_S)
#define BACK_SLACK_US (2 * US_PER_S)

static struct pace_wait
wait_until(int64_t at_us, enum wait_code code)
{
	struct pace_wait w = { at_us, code };

	return w;
}

static bool
is_ahead(int64_t at_us, int64_t now_us)
{
	return at_us != TIME_NONE && at_us > now_us;
}

struct pace_wait
pace_ready(const struct pace_state *s, const struct pace_rules *r, int64_t now_us)
{
	int64_t at;

	if (is_ahead(s->busy_until_us, now_us))
		return wait_until(s->busy_until_us, WAIT_VERIFYING);
	if (is_ahead(s->hold_until_us, now_us))
		return wait_until(s->hold_until_us, s->hold_code);
	if (r->daily_cap > 0 && s->cap_opened_us != TIME_NONE &&
	    is_ahead(s->cap_opened_us + DAY_US, now_us))
		return wait_until(s->cap_opened_us + DAY_US, WAIT_DAILY_CAP);
	/* A daily cap noted in next_code is outdated: it was checked above. */
	if (is_ahead(s->next_at_us, now_us) && s->next_code != WAIT_DAILY_CAP)
		return wait_until(s->next_at_us, s->next_code);
	at = bucket_ready_at(&s->bucket, &r->pace, now_us);
	if (at > now_us)
		return wait_until(at, WAIT_PACE);
	return wait_until(0, WAIT_NONE);
}

void
pace_take(struct pace_state *s, const struct pace_rules *r, int64_t now_us, uint32_t random32)
{
	int64_t at, spread;

	bucket_take(&s->bucket, &r->pace, now_us);
	at = bucket_ready_at(&s->bucket, &r->pace, now_us);
	s->next_at_us = TIME_NONE;
	s->next_code = WAIT_NONE;
	if (at <= now_us)
		return;
	spread = (at - now_us) / 100 * r->jitter_pct;
	s->next_at_us = at + (int64_t)((uint64_t)spread * (random32 >> 8) >> 24);
	s->next_code = WAIT_PACE;
}

static bool
is_beyond(int64_t at_us, int64_t most_us)
{
	return at_us != TIME_NONE && at_us > most_us;
}

void
pace_clock_back(struct pace_state *s, const struct pace_rules *r, int64_t busy_us, int64_t now_us)
{
	int64_t wait = r->pace.interval_us + r->pace.interval_us / 100 * r->jitter_pct;

	if (s->next_code == WAIT_DAILY_CAP)
		wait = DAY_US;
	bucket_clock_back(&s->bucket, now_us);
	/* Then the bucket alone decides when the next one may go. */
	if (is_beyond(s->next_at_us, now_us + wait + BACK_SLACK_US))
		s->next_at_us = TIME_NONE;
	if (is_beyond(s->busy_until_us, now_us + busy_us + BACK_SLACK_US))
		s->busy_until_us = now_us + busy_us;
}

static int64_t
slowed_part(int64_t n, int64_t times)
{
	return n > 0 && n < times ? 1 : n / times;
}

struct pace_rules
pace_slowed(const struct pace_rules *r, int64_t strikes, int64_t most)
{
	struct pace_rules slow = *r;
	int64_t times = 1;

	for (int64_t i = 0; i < strikes && times < most; i++)
		times *= 2;
	if (times > most)
		times = most;
	slow.pace.capacity = slowed_part(r->pace.capacity, times);
	slow.pace.interval_us = r->pace.interval_us * times;
	slow.daily_cap = slowed_part(r->daily_cap, times);
	return slow;
}

int64_t
pace_lost_creates(const struct pace_lost *g, const struct pace_rules *r)
{
	int64_t most = r->pace.capacity;

	if (g->until_us > g->since_us)
		most += (g->until_us - g->since_us) / r->pace.interval_us;
	return g->creates >= 0 && g->creates < most ? g->creates : most;
}

int64_t
pace_lost_at(const struct pace_lost *g, const struct pace_rules *r, int64_t nth)
{
	int64_t before = nth > r->pace.capacity ? nth - r->pace.capacity : 0;

	return g->until_us - before * r->pace.interval_us;
}

struct pace_rules
pace_slower(const struct pace_rules *a, const struct pace_rules *b)
{
	struct pace_rules r = *a;

	if (b->pace.capacity < r.pace.capacity)
		r.pace.capacity = b->pace.capacity;
	if (b->pace.interval_us > r.pace.interval_us)
		r.pace.interval_us = b->pace.interval_us;
	if (b->jitter_pct > r.jitter_pct)
		r.jitter_pct = b->jitter_pct;
	if (b->daily_cap > 0 && (r.daily_cap == 0 || b->daily_cap < r.daily_cap))
		r.daily_cap = b->daily_cap;
	return r;
}

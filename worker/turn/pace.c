/* When a lane may send. Invariant: every answer is "now" or a later time with its reason. */
#include "worker/turn/pace.h"

#include "lib/clock.h"

#define DAY_US (86400 * US_PER_S)
#define BACK_SLACK_US (2 * US_PER_S)

static struct lane_wait
wait_for(int64_t at_us, enum wait_code code)
{
	struct lane_wait w = { at_us, code };

	return w;
}

static bool
ahead(int64_t at_us, int64_t now_us)
{
	return at_us != TIME_NONE && at_us > now_us;
}

struct lane_wait
lane_ready(const struct lane_state *s, const struct lane_rules *r, int64_t now_us)
{
	int64_t at;

	if (ahead(s->busy_until_us, now_us))
		return wait_for(s->busy_until_us, WAIT_VERIFYING);
	if (ahead(s->held_until_us, now_us))
		return wait_for(s->held_until_us, s->hold_code);
	if (r->daily_cap > 0 && s->cap_opened_us != TIME_NONE &&
	    ahead(s->cap_opened_us + DAY_US, now_us))
		return wait_for(s->cap_opened_us + DAY_US, WAIT_DAILY_CAP);
	/* That the cap was spent is told there, too; it was judged anew just now. */
	if (ahead(s->next_at_us, now_us) && s->next_code != WAIT_DAILY_CAP)
		return wait_for(s->next_at_us, s->next_code);
	at = bucket_ready_at(&s->bucket, &r->pace, now_us);
	if (at > now_us)
		return wait_for(at, WAIT_PACE);
	return wait_for(0, WAIT_NONE);
}

void
lane_take(struct lane_state *s, const struct lane_rules *r, int64_t now_us, uint32_t random32)
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
beyond(int64_t at_us, int64_t most_us)
{
	return at_us != TIME_NONE && at_us > most_us;
}

void
lane_clock_back(struct lane_state *s, const struct lane_rules *r, int64_t busy_us, int64_t now_us)
{
	int64_t wait = r->pace.interval_us + r->pace.interval_us / 100 * r->jitter_pct;

	if (s->next_code == WAIT_DAILY_CAP)
		wait = DAY_US;
	bucket_clock_back(&s->bucket, now_us);
	/* The bucket says when the next one may go. */
	if (beyond(s->next_at_us, now_us + wait + BACK_SLACK_US))
		s->next_at_us = TIME_NONE;
	if (beyond(s->busy_until_us, now_us + busy_us + BACK_SLACK_US))
		s->busy_until_us = now_us + busy_us;
}

static int64_t
part_of(int64_t n, int64_t times)
{
	return n > 0 && n < times ? 1 : n / times;
}

struct lane_rules
lane_slowed(const struct lane_rules *r, int64_t strikes, int64_t most)
{
	struct lane_rules slow = *r;
	int64_t times = 1;

	for (int64_t i = 0; i < strikes && times < most; i++)
		times *= 2;
	if (times > most)
		times = most;
	slow.pace.capacity = part_of(r->pace.capacity, times);
	slow.pace.interval_us = r->pace.interval_us * times;
	slow.daily_cap = part_of(r->daily_cap, times);
	return slow;
}

int64_t
lane_lost_creates(const struct lane_lost *g, const struct lane_rules *r)
{
	int64_t most = r->pace.capacity;

	if (g->until_us > g->since_us)
		most += (g->until_us - g->since_us) / r->pace.interval_us;
	return g->creates >= 0 && g->creates < most ? g->creates : most;
}

int64_t
lane_lost_at(const struct lane_lost *g, const struct lane_rules *r, int64_t nth)
{
	int64_t before = nth > r->pace.capacity ? nth - r->pace.capacity : 0;

	return g->until_us - before * r->pace.interval_us;
}

struct lane_rules
lane_slower(const struct lane_rules *a, const struct lane_rules *b)
{
	struct lane_rules r = *a;

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

/* Forecasts of a queue. Invariant: never later than the worker would send. */
#include "lib/forecast.h"

#include "lib/arena.h"
#include "lib/clock.h"

#define DAY_US (86400 * US_PER_S)

struct forecast {
	struct forecast_lane lane;
	int64_t last_us;         /* nothing leaves before */
	size_t sent_len, oldest; /* the last daily_cap creates, a ring */
	int64_t sent[];
};

struct forecast *
forecast_new(struct arena *mem, const struct forecast_lane *lane, int64_t now_us)
{
	int64_t cap = lane->daily_cap <= FORECAST_CAP_MAX ? lane->daily_cap : 0;
	struct forecast *f = arena_alloc(mem, sizeof(*f) + (size_t)cap * sizeof(f->sent[0]));

	f->lane = *lane;
	f->lane.daily_cap = cap;
	f->last_us = lane->free_at_us > now_us ? lane->free_at_us : now_us;
	f->sent_len = f->oldest = 0;
	return f;
}

void
forecast_sent(struct forecast *f, int64_t at_us)
{
	size_t cap = (size_t)f->lane.daily_cap;

	if (cap == 0)
		return;
	if (f->sent_len < cap) {
		f->sent[f->sent_len++] = at_us;
		return;
	}
	f->sent[f->oldest] = at_us;
	f->oldest = (f->oldest + 1) % cap;
}

int64_t
forecast_take(struct forecast *f, int64_t due_us, int64_t not_after_us)
{
	int64_t at = due_us > f->last_us ? due_us : f->last_us, ready;

	if (f->lane.daily_cap > 0 && f->sent_len == (size_t)f->lane.daily_cap &&
	    f->sent[f->oldest] + DAY_US > at)
		at = f->sent[f->oldest] + DAY_US;
	ready = bucket_ready_at(&f->lane.bucket, &f->lane.pace, at);
	if (ready > at)
		at = ready;
	if (at >= not_after_us)
		return at;
	bucket_take(&f->lane.bucket, &f->lane.pace, at);
	forecast_sent(f, at);
	f->last_us = at;
	return at;
}

bool
forecast_fits(const struct forecast *f, int64_t count, int64_t due_us, int64_t not_after_us)
{
	int64_t at = due_us > f->last_us ? due_us : f->last_us;

	if (at < f->lane.bucket.at_us)
		at = f->lane.bucket.at_us;
	/* an empty bucket gives one each interval */
	return f->lane.daily_cap == 0 && (not_after_us - at) / f->lane.pace.interval_us > count;
}

/* What the parts of a lane's turn share. Invariant: a lane's next turn only moves forward. */
#include "worker/turn/turn_lane_db.h"

#include "lib/clock.h"

#define CLOSE_MARGIN_US (3 * US_PER_S)

void
turn_wake_at(struct turn_lane *l, int64_t at_us)
{
	if (at_us != TIME_NONE && (l->wake_us == TIME_NONE || at_us < l->wake_us))
		l->wake_us = at_us;
}

void
turn_set_culprit(
    struct turn_tx *tx, const struct uuid *lane, unsigned shard, const struct uuid *pin)
{
	tx->t->culprit = (struct poison){ .pin_id = *pin,
		.lane_id = *lane,
		.shard = shard,
		.event_deadline_s = tx->t->event_deadline_s };
}

void
turn_clear_culprit(struct turn_tx *tx)
{
	tx->t->culprit = (struct poison){ 0 };
}

bool
turn_is_among(const struct uuid *pins, size_t len, const struct uuid *pin)
{
	for (size_t i = 0; i < len; i++)
		if (uuid_equal(&pins[i], pin))
			return true;
	return false;
}

int64_t
turn_busy_us(const struct upstream *up)
{
	return (up->create_timeout_ms + up->max_send_delay_ms) * US_PER_MS + CLOSE_MARGIN_US;
}

struct pace_rules
turn_full_pace(const struct turn_lane *l)
{
	struct pace_rules base = { l->up->pace, l->up->jitter_pct, l->up->daily_cap };
	struct pace_rules all = base;

	for (size_t i = 0; i < l->accounts_len; i++) {
		const struct turn_account *a = &l->accounts[i];
		struct pace_rules own = base;

		if (a->capacity > 0)
			own.pace.capacity = a->capacity;
		if (a->interval_ms > 0)
			own.pace.interval_us = a->interval_ms * US_PER_MS;
		if (a->daily_cap >= 0)
			own.daily_cap = a->daily_cap;
		all = i == 0 ? own : pace_slower(&all, &own);
	}
	return all;
}

struct pace_rules
turn_rules(const struct turn_lane *l)
{
	struct pace_rules all = turn_full_pace(l);

	return pace_slowed(&all, l->spam_strikes, l->up->spam_slowdown_max);
}

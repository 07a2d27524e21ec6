#include "app/api/login_rule.h"

#include "lib/clock.h"

static const struct bucket_rate pair_rate = { .capacity = LOGIN_KNOWN_TRIES,
	.interval_us = LOGIN_KNOWN_INTERVAL_S * US_PER_S };

struct login_facts
login_rule_nothing(void)
{
	return (struct login_facts){ .network.at_us = TIME_NONE,
		.pair.at_us = TIME_NONE,
		.failed_at_us = TIME_NONE,
		.turn_us = TIME_NONE };
}

int64_t
login_rule_delay_s(int64_t failed)
{
	int64_t over = failed - LOGIN_FREE_TRIES;

	if (over < 0)
		return 0;
	return over >= 5 ? LOGIN_DELAY_MAX_S : 1 << over;
}

static int64_t
bucket_wait(const struct bucket *b, const struct bucket_rate *r, int64_t now_us)
{
	struct bucket then = *b;
	int64_t ready;

	bucket_clock_back(&then, now_us);
	ready = bucket_ready_at(&then, r, now_us);
	return ready > now_us ? ready - now_us : 0;
}

/* When the next try of the address is free for anybody. */
static int64_t
address_free_us(const struct login_facts *f, int64_t now_us)
{
	int64_t delay_us = login_rule_delay_s(f->failed) * US_PER_S;

	if (f->failed_at_us == TIME_NONE || now_us - f->failed_at_us >= LOGIN_FORGET_S * US_PER_S)
		return now_us;
	/* a clock that was set back does not make it longer */
	return (f->failed_at_us < now_us ? f->failed_at_us : now_us) + delay_us;
}

struct login_verdict
login_rule_judge(const struct login_facts *f, const struct bucket_rate *network, int64_t now_us)
{
	struct login_verdict v = { .turn_us = TIME_NONE };
	bool has_turn = f->turn_us != TIME_NONE && now_us < f->turn_us + LOGIN_TURN_S * US_PER_S &&
			f->turn_us <= now_us + LOGIN_DELAY_MAX_S * US_PER_S;
	int64_t free_us;

	if (f->known) {
		v.wait_us = bucket_wait(&f->pair, &pair_rate, now_us);
		return v;
	}
	v.wait_us = bucket_wait(&f->network, network, now_us);
	v.network = v.wait_us > 0;
	free_us = address_free_us(f, now_us);
	if (v.network || free_us <= now_us)
		return v;
	if (has_turn) {
		v.wait_us = f->turn_us > now_us ? f->turn_us - now_us : 0;
	} else {
		v.wait_us = free_us - now_us;
		v.turn_us = free_us;
	}
	return v;
}

void
login_rule_take(struct login_facts *f, const struct bucket_rate *network, int64_t now_us)
{
	struct bucket *b = f->known ? &f->pair : &f->network;

	bucket_clock_back(b, now_us);
	bucket_take(b, f->known ? &pair_rate : network, now_us);
}

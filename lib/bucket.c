/*
 * Token bucket in integers. Invariant: refill is credited in the smallest steps in which time and
 * microtokens are both whole, and at_us moves by exactly the time credited, so nothing is lost to
 * rounding or credited twice.
 */
#include "lib/bucket.h"

#include "lib/clock.h"
#include "lib/log.h"

#define TOKEN 1000000LL

/* step_us of time refill exactly step_u microtokens. */
struct step {
	int64_t us;
	int64_t u;
};

static int64_t
gcd(int64_t a, int64_t b)
{
	while (b != 0) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static struct step
bucket_step(const struct bucket_rate *r)
{
	int64_t common;

	if (r->capacity < 1 || r->capacity > INT64_MAX / TOKEN / 2 || r->interval_us < 1)
		panic("bucket rate %lld per %lld us", (long long)r->capacity,
		    (long long)r->interval_us);
	common = gcd(r->interval_us, TOKEN);
	return (struct step){ r->interval_us / common, TOKEN / common };
}

static int64_t
add_clamped(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

void
bucket_refill(struct bucket *b, const struct bucket_rate *r, int64_t now_us)
{
	struct step step = bucket_step(r);
	int64_t full = r->capacity * TOKEN, elapsed, steps, missing;

	if (b->microtokens > full)
		b->microtokens = full;
	if (b->microtokens < 0)
		b->microtokens = 0;
	if (b->at_us != TIME_NONE && now_us <= b->at_us)
		return;
	if (b->at_us == TIME_NONE || __builtin_sub_overflow(now_us, b->at_us, &elapsed))
		goto fill;
	steps = elapsed / step.us;
	missing = full - b->microtokens;
	if (steps >= (missing + step.u - 1) / step.u)
		goto fill;
	b->microtokens += steps * step.u;
	b->at_us += steps * step.us;
	return;
fill:
	/* Refill beyond capacity is lost, including the time it stands for. */
	b->microtokens = full;
	b->at_us = now_us;
}

int64_t
bucket_ready_at(const struct bucket *b, const struct bucket_rate *r, int64_t now_us)
{
	struct step step = bucket_step(r);
	struct bucket then = *b;
	int64_t steps, wait;

	bucket_refill(&then, r, now_us);
	if (then.microtokens >= TOKEN)
		return 0;
	steps = (TOKEN - then.microtokens + step.u - 1) / step.u;
	if (__builtin_mul_overflow(steps, step.us, &wait))
		return INT64_MAX;
	return add_clamped(then.at_us, wait);
}

void
bucket_take(struct bucket *b, const struct bucket_rate *r, int64_t now_us)
{
	bucket_refill(b, r, now_us);
	if (b->microtokens < TOKEN)
		panic("bucket_take without a token");
	b->microtokens -= TOKEN;
}

void
bucket_clock_back(struct bucket *b, int64_t now_us)
{
	if (b->at_us != TIME_NONE && b->at_us > now_us + 2 * US_PER_S)
		b->at_us = now_us;
}

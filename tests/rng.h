#ifndef TESTS_RNG_H
#define TESTS_RNG_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Repeatable randomness for property tests: the seed is printed, and TEST_SEED=n sets it. */
struct rng {
	uint64_t s;
};

static inline struct rng
rng_new(void)
{
	const char *given = getenv("TEST_SEED");
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10)
				      : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();

	printf("# TEST_SEED=%" PRIu64 "\n", seed);
	return (struct rng){ seed };
}

/* splitmix64 */
static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->s += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Returns a number from low to high, inclusive; high - low < 2^63. */
static inline int64_t
rng_range(struct rng *r, int64_t low, int64_t high)
{
	return low + (int64_t)(rng_next(r) % (uint64_t)(high - low + 1));
}

#endif

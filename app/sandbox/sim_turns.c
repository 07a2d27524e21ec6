/* Slow users are remembered in a fixed table; on collision the older is forgotten. */
#include "config.h"

#include "app/sandbox/sim_turns.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xalloc.h"

#define TURNS_SLOTS 1024

struct turns_slow {
	int64_t user_id;
	int64_t until_us;
};

struct sim_turns {
	pthread_mutex_t lock;
	int threads;
	int waiting, waiting_slow;
	struct turns_slow slow[TURNS_SLOTS];
};

struct sim_turns *
sim_turns_new(int threads)
{
	struct sim_turns *t = xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	t->threads = threads;
	return t;
}

void
sim_turns_free(struct sim_turns *t)
{
	if (t == NULL)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* The last three digits of an id are random, those before count microseconds. */
static struct turns_slow *
slow_slot(struct sim_turns *t, int64_t user_id)
{
	return &t->slow[(uint64_t)user_id % TURNS_SLOTS];
}

/* At least one of `part` of the threads. */
static int
threads_part(const struct sim_turns *t, int part)
{
	return t->threads / part > 0 ? t->threads / part : 1;
}

bool
sim_turns_begin(struct sim_turns *t, int64_t user_id, int64_t now_us, struct sim_turn *turn)
{
	const struct turns_slow *slot = slow_slot(t, user_id);
	int64_t ms;
	bool may;

	*turn = (struct sim_turn){ .user_id = user_id, .began_us = now_us };
	pthread_mutex_lock(&t->lock);
	turn->slow = slot->user_id == user_id && now_us < slot->until_us;
	may = !turn->slow || t->waiting_slow < threads_part(t, 4);
	ms = t->waiting < threads_part(t, 2) ? SIM_TURNS_MS : SIM_TURNS_HURRY_MS;
	t->waiting += may;
	t->waiting_slow += may && turn->slow;
	pthread_mutex_unlock(&t->lock);
	turn->end_us = now_us + ms * US_PER_MS;
	return may;
}

void
sim_turns_end(struct sim_turns *t, const struct sim_turn *turn, int64_t now_us)
{
	struct turns_slow *slot = slow_slot(t, turn->user_id);

	pthread_mutex_lock(&t->lock);
	t->waiting--;
	t->waiting_slow -= turn->slow;
	if (now_us - turn->began_us > SIM_TURNS_SLOW_MS * US_PER_MS)
		*slot = (struct turns_slow){ turn->user_id, now_us + SIM_TURNS_MEMORY_US };
	else if (slot->user_id == turn->user_id)
		slot->until_us = 0;
	pthread_mutex_unlock(&t->lock);
}

bool
sim_turn_hurried(const struct sim_turn *turn, int64_t now_us)
{
	return now_us >= turn->end_us &&
	       turn->end_us - turn->began_us == SIM_TURNS_HURRY_MS * US_PER_MS;
}

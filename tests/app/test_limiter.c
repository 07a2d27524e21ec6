#include "app/http/limiter.h"

#include <pthread.h>
#include <stdatomic.h>

#include "lib/log.h"
#include "tests/tap.h"

#define THREADS 8
#define ROUNDS 20000
#define MOST 3

struct crowd {
	struct limiter *limiter;
	atomic_int inside, most_inside;
};

static void
test_counts(void)
{
	struct limiter *l = limiter_new(2);

	ok(limiter_acquire(l) && limiter_acquire(l), "as many slots as asked for can be taken");
	ok(!limiter_acquire(l), "one more is refused at once");
	ok(!limiter_acquire(l), "a refused take holds no slot");
	limiter_release(l);
	ok(limiter_acquire(l), "a slot that was given back can be taken again");
	ok(!limiter_acquire(l), "one slot given back makes room for one only");
	limiter_free(l);
	l = limiter_new(0);
	ok(limiter_acquire(l) && !limiter_acquire(l), "a limit below one is one");
	limiter_free(l);
}

static void *
crowd_member(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < ROUNDS; i++) {
		int now, most;

		if (!limiter_acquire(c->limiter))
			continue;
		now = atomic_fetch_add(&c->inside, 1) + 1;
		most = atomic_load(&c->most_inside);
		while (now > most && !atomic_compare_exchange_weak(&c->most_inside, &most, now))
			;
		(void)atomic_fetch_sub(&c->inside, 1);
		limiter_release(c->limiter);
	}
	return NULL;
}

static void
test_threads(void)
{
	struct crowd c = { .limiter = limiter_new(MOST) };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, crowd_member, &c) != 0)
			panic("event=no_thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ok(c.most_inside >= 1 && c.most_inside <= MOST, "never more threads inside than slots");
	for (int i = 0; i < MOST; i++)
		ok(limiter_acquire(c.limiter), "slot %d of %d is free once all threads are done",
		    i + 1, MOST);
	ok(!limiter_acquire(c.limiter), "threads that came and went left no extra slot");
	limiter_free(c.limiter);
}

int
main(void)
{
	test_counts();
	test_threads();
	return tap_done();
}

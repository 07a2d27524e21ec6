/* Counts what is under way for whom. Invariant: a place whose holder is nil is free. */
#include "app/http/shares.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/xalloc.h"

struct shares {
	pthread_mutex_t lock;
	int most, each;
	struct uuid holders[];
};

struct shares *
shares_new(int most, int each)
{
	size_t n = most > 0 ? (size_t)most : 1;
	struct shares *s = xcalloc(1, sizeof(*s) + n * sizeof(s->holders[0]));

	pthread_mutex_init(&s->lock, NULL);
	s->most = (int)n;
	s->each = each > 0 ? each : 1;
	return s;
}

void
shares_free(struct shares *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool
shares_acquire(struct shares *s, const struct uuid *who)
{
	int held = 0, place = -1;

	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < s->most; i++) {
		held += uuid_equal(&s->holders[i], who);
		if (uuid_is_nil(&s->holders[i]))
			place = i;
	}
	if (held >= s->each)
		place = -1;
	if (place != -1)
		s->holders[place] = *who;
	pthread_mutex_unlock(&s->lock);
	return place != -1;
}

void
shares_release(struct shares *s, const struct uuid *who)
{
	static const struct uuid nobody = { { 0 } };

	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < s->most; i++)
		if (uuid_equal(&s->holders[i], who)) {
			s->holders[i] = nobody;
			break;
		}
	pthread_mutex_unlock(&s->lock);
}

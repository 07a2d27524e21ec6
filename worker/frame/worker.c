/* The two clocks: the database's decides what is due, the monotonic one arms timers. */
#include "worker/frame/worker.h"

#include "lib/clock.h"
#include "worker/frame/loop.h"

void
worker_wake(struct worker *w, unsigned wakes)
{
	w->wakes |= wakes;
	loop_poke(w->loop);
}

void
worker_clock_sample(struct worker *w, const struct clock_sample *sample)
{
	if (sample->db_us == 0)
		return;
	w->db_offset_us = sample->db_us - sample->mono_us;
	w->db_offset_known = true;
}

int64_t
worker_db_now(const struct worker *w, int64_t mono_us)
{
	return w->db_offset_us + mono_us;
}

int64_t
worker_mono_at(const struct worker *w, int64_t db_us)
{
	return db_us == TIME_NONE ? LOOP_NEVER : db_us - w->db_offset_us;
}

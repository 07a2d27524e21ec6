#ifndef WORKER_FRAME_LOOP_H
#define WORKER_FRAME_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;

/*
 * The libevent loop: file descriptors, signals and ONE timer, armed for what the tick returned.
 * Callbacks of all kinds only record a fact and loop_poke(); work is done in the tick.
 */
struct loop;

#define LOOP_NEVER INT64_MAX

enum loop_signal { LOOP_TERM, LOOP_HUP };

struct loop_hooks {
	/* Does all that can be done at `mono_us`; returns the monotonic time to be called again. */
	int64_t (*tick)(void *arg, int64_t mono_us);
	void (*signal)(void *arg, enum loop_signal s);
	void *arg;
};

struct loop *loop_new(const struct loop_hooks *hooks);
void loop_free(struct loop *l);
/* Returns after loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Ticks again as soon as possible. */
void loop_poke(struct loop *l);
/* Calls `ready` whenever fd is readable. */
void loop_watch(struct loop *l, int fd, void (*ready)(void *arg), void *arg);
/* For transport only. */
struct event_base *loop_base(struct loop *l);
/* Longest delay of a timer since the last call, in microseconds. */
int64_t loop_lag_us(struct loop *l);

#endif

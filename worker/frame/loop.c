/* libevent: one timer, three signals, watched descriptors. */
#include "worker/frame/loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/time.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"

struct watch {
	struct event *event;
	void (*ready)(void *arg);
	void *arg;
	SLIST_ENTRY(watch) link;
};

struct loop {
	struct event_base *base;
	struct event *timer;
	struct event *signals[3];
	SLIST_HEAD(, watch) watches;
	struct loop_hooks hooks;
	int64_t armed_us; /* when the timer should fire; LOOP_NEVER: not armed */
	int64_t lag_us;
};

static void
arm_timer(struct loop *l, int64_t at_us, int64_t now_us)
{
	int64_t wait = at_us > now_us ? at_us - now_us : 0;
	struct timeval tv;

	l->armed_us = at_us;
	if (at_us == LOOP_NEVER) {
		evtimer_del(l->timer);
		return;
	}
	if (wait > 3600 * US_PER_S)
		wait = 3600 * US_PER_S;
	tv.tv_sec = (time_t)(wait / US_PER_S);
	tv.tv_usec = (suseconds_t)(wait % US_PER_S);
	evtimer_add(l->timer, &tv);
}

static void
on_loop_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	int64_t now = clock_mono_us(), next;

	(void)fd;
	(void)what;
	if (l->armed_us != LOOP_NEVER && now - l->armed_us > l->lag_us)
		l->lag_us = now - l->armed_us;
	l->armed_us = LOOP_NEVER;
	next = l->hooks.tick(l->hooks.arg, now);
	/* A poke during the tick may have armed the timer already; the earlier time wins. */
	if (next < l->armed_us)
		arm_timer(l, next, clock_mono_us());
}

static void
on_loop_signal(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)what;
	l->hooks.signal(l->hooks.arg, fd == SIGHUP ? LOOP_HUP : LOOP_TERM);
	loop_poke(l);
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	w->ready(w->arg);
}

struct loop *
loop_new(const struct loop_hooks *hooks)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct loop *l = xcalloc(1, sizeof(*l));
	struct event_config *config = event_config_new();

	if (config == NULL)
		panic("event=libevent_config_failed");
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	l->base = event_base_new_with_config(config);
	event_config_free(config);
	if (l->base == NULL)
		panic("event=libevent_base_failed");
	signal(SIGPIPE, SIG_IGN);
	l->hooks = *hooks;
	l->armed_us = LOOP_NEVER;
	l->timer = evtimer_new(l->base, on_loop_timer, l);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		l->signals[i] = evsignal_new(l->base, numbers[i], on_loop_signal, l);
		if (l->signals[i] == NULL || event_add(l->signals[i], NULL) == -1)
			panic("event=signal_watch_failed signal=%d", numbers[i]);
	}
	if (l->timer == NULL)
		panic("event=timer_failed");
	return l;
}

void
loop_free(struct loop *l)
{
	struct watch *w;

	if (l == NULL)
		return;
	while ((w = SLIST_FIRST(&l->watches)) != NULL) {
		SLIST_REMOVE_HEAD(&l->watches, link);
		event_free(w->event);
		free(w);
	}
	for (size_t i = 0; i < sizeof(l->signals) / sizeof(l->signals[0]); i++)
		event_free(l->signals[i]);
	event_free(l->timer);
	event_base_free(l->base);
	free(l);
}

void
loop_run(struct loop *l)
{
	loop_poke(l);
	if (event_base_dispatch(l->base) == -1)
		panic("event=loop_failed");
}

void
loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

void
loop_poke(struct loop *l)
{
	int64_t now = clock_mono_us();

	if (l->armed_us > now)
		arm_timer(l, now, now);
}

void
loop_watch(struct loop *l, int fd, void (*ready)(void *arg), void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->ready = ready;
	w->arg = arg;
	w->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_watch, w);
	if (w->event == NULL || event_add(w->event, NULL) == -1)
		panic("event=watch_failed fd=%d", fd);
	SLIST_INSERT_HEAD(&l->watches, w, link);
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

int64_t
loop_lag_us(struct loop *l)
{
	int64_t lag = l->lag_us;

	l->lag_us = 0;
	return lag;
}

/*
 * Waiting for connections. Invariant: a new connection wakes one idle thread, not all of them (that
 * cost a third of the processor time), and a stop wakes every one.
 */
#include "app/http/wait.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"

#define DRAIN_US (2 * US_PER_S)

static void
watch(const struct wait *w, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data = { .fd = fd } };

	if (epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &e) == -1)
		panic("epoll_ctl: %s", strerror(errno));
}

void
wait_start(struct wait *w, int listen_fd, int stop_fd)
{
	*w = (struct wait){ .listen_fd = listen_fd, .stop_fd = stop_fd };
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd == -1)
		panic("epoll_create1: %s", strerror(errno));
	watch(w, listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
	watch(w, stop_fd, EPOLLIN);
}

void
wait_end(struct wait *w)
{
	(void)close(w->epoll_fd);
}

/* Without end. False: it is the stop. */
static bool
wait_connection(const struct wait *w)
{
	struct epoll_event e[2];
	int n, i;

	do {
		n = epoll_wait(w->epoll_fd, e, 2, -1);
	} while (n <= 0);
	for (i = 0; i < n; i++) {
		if (e[i].data.fd == w->stop_fd)
			return false;
	}
	return true;
}

static bool
wait_kept(const struct wait *w, int kept_fd)
{
	struct pollfd p[2] = { { .fd = kept_fd, .events = POLLIN },
		{ .fd = w->stop_fd, .events = POLLIN } };

	while (poll(p, 2, -1) <= 0)
		;
	return p[1].revents == 0;
}

bool
wait_next(struct wait *w, int kept_fd)
{
	struct pollfd p = { .fd = kept_fd >= 0 ? kept_fd : w->listen_fd, .events = POLLIN };

	if (w->stop_us == 0) {
		if (kept_fd >= 0 ? wait_kept(w, kept_fd) : wait_connection(w))
			return true;
		w->stop_us = clock_mono_us();
	}
	return poll(&p, 1, 0) > 0 && clock_mono_us() - w->stop_us < DRAIN_US;
}

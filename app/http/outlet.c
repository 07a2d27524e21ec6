/*
 * Invariants: only the outlet's thread closes and frees an entry; others add entries and mark them
 * as cut, under the lock. Nothing under the lock blocks.
 */
#include "config.h"

#include "app/http/outlet.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"

/* How long a client may go on sending after its answer. */
#define LINGER_US (30 * US_PER_S)
/* At the end of the program. */
#define STOP_SEND_US (10 * US_PER_S)
#define STOP_LINGER_US (2 * US_PER_S)
#define TICK_MS 250
#define EVENTS_MAX 64
#define SEND_PIECE ((size_t)8 * 1024)

struct outlet_entry {
	struct outlet_rest rest;
	struct outlet_entry *next; /* newest first */
	int64_t end_us;
	bool ended;  /* the web server sends no more */
	bool parked; /* until began_us */
	bool cut;
};

struct outlet {
	const struct client_pace *pace;
	pthread_mutex_t lock;
	pthread_t thread;
	struct outlet_entry *entries;
	int epoll_fd, wake_fd;
	int64_t stop_us; /* 0: go on */
};

int64_t
client_pace_end(const struct client_pace *pace, int64_t began_us, int64_t bytes)
{
	return began_us + pace->patience_us + bytes * US_PER_S / pace->bytes_per_s;
}

/*
 * By a copy: sendfile() and splice() pass on the pages of the file themselves, and what is written
 * to them before the web server has read them, the answer to another request, would go out instead.
 */
static ssize_t
send_some(int fd, int file, off_t *at, off_t end)
{
	char piece[SEND_PIECE];
	size_t len = (size_t)(end - *at);
	ssize_t n = pread(file, piece, len < sizeof(piece) ? len : sizeof(piece), *at);

	if (n > 0)
		n = send(fd, piece, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		*at += n;
	return n;
}

bool
outlet_send(int fd, int file, off_t *at, off_t end)
{
	ssize_t n;

	while (*at < end) {
		n = send_some(fd, file, at, end);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN;
		if (n == 0)
			return false;
	}
	return true;
}

static int64_t
entry_weight(const struct outlet_entry *e)
{
	return OUTLET_WEIGHT_EACH + (e->rest.file != -1 ? (int64_t)e->rest.end : 0);
}

/* Of all, or of one owner. */
static int64_t
weight_sum(const struct outlet *o, const struct uuid *owner)
{
	const struct outlet_entry *e;
	int64_t sum = 0;

	for (e = o->entries; e != NULL; e = e->next)
		if (!e->cut && !e->parked && (owner == NULL || uuid_equal(&e->rest.owner, owner)))
			sum += entry_weight(e);
	return sum;
}

/* The oldest entry of the owner who has most waiting. */
static struct outlet_entry *
heaviest_find(const struct outlet *o)
{
	struct outlet_entry *e, *found = NULL;
	int64_t most = 0, weight;

	for (e = o->entries; e != NULL; e = e->next) {
		if (e->cut || e->parked)
			continue;
		weight = weight_sum(o, &e->rest.owner);
		if (weight >= most) {
			most = weight;
			found = e;
		}
	}
	return found;
}

static void
wake_send(const struct outlet *o)
{
	const uint64_t one = 1;

	if (write(o->wake_fd, &one, sizeof(one)) == -1 && errno != EAGAIN)
		panic("outlet: %s", strerror(errno));
}

static void
entry_watch(const struct outlet *o, struct outlet_entry *e, int op)
{
	struct epoll_event event = { .data = { .ptr = e } };

	event.events =
	    (e->rest.file != -1 && !e->parked ? (uint32_t)EPOLLOUT : 0) | (e->ended ? 0 : EPOLLIN);
	if (epoll_ctl(o->epoll_fd, op, e->rest.fd, &event) == -1)
		panic("epoll_ctl: %s", strerror(errno));
}

void
outlet_take(struct outlet *o, const struct outlet_rest *rest)
{
	struct outlet_entry *e = xcalloc(1, sizeof(*e)), *cut;

	e->rest = *rest;
	e->end_us = clock_mono_us() + LINGER_US;
	if (rest->file == -1)
		(void)shutdown(rest->fd, SHUT_WR);
	(void)pthread_mutex_lock(&o->lock);
	e->next = o->entries;
	o->entries = e;
	while (weight_sum(o, NULL) > OUTLET_WEIGHT_MAX && (cut = heaviest_find(o)) != NULL)
		cut->cut = true;
	entry_watch(o, e, EPOLL_CTL_ADD);
	(void)pthread_mutex_unlock(&o->lock);
	wake_send(o);
}

bool
outlet_park(struct outlet *o, const struct outlet_rest *rest)
{
	struct outlet_entry *e;
	int all = 0, mine = 0;
	bool room;

	(void)pthread_mutex_lock(&o->lock);
	for (e = o->entries; e != NULL; e = e->next) {
		all += e->parked;
		mine += e->parked && uuid_equal(&e->rest.owner, &rest->owner);
	}
	room = all < OUTLET_PARKED && mine < OUTLET_PARKED_EACH && o->stop_us == 0;
	if (room) {
		e = xcalloc(1, sizeof(*e));
		e->rest = *rest;
		e->parked = true;
		e->next = o->entries;
		o->entries = e;
		entry_watch(o, e, EPOLL_CTL_ADD);
	}
	(void)pthread_mutex_unlock(&o->lock);
	if (room)
		wake_send(o);
	return room;
}

/* Reads away what the web server sends. False: the connection is lost. */
static bool
entry_drain(struct outlet_entry *e)
{
	char trash[8192];
	ssize_t n;

	n = recv(e->rest.fd, trash, sizeof(trash), MSG_DONTWAIT);
	if (n == 0)
		e->ended = true;
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* False: the entry is done with. */
static bool
entry_move(const struct outlet *o, struct outlet_entry *e, uint32_t events)
{
	struct outlet_rest *r = &e->rest;
	bool sending = r->file != -1, ended = e->ended;

	if ((events & EPOLLIN) && !entry_drain(e))
		return false;
	if (e->parked)
		return !e->ended && (events & (EPOLLERR | EPOLLHUP)) == 0;
	if (r->file != -1 && !outlet_send(r->fd, r->file, &r->at, r->end))
		return false;
	if (r->file != -1 && r->at == r->end) {
		(void)close(r->file);
		r->file = -1;
		(void)shutdown(r->fd, SHUT_WR);
		e->end_us = clock_mono_us() + LINGER_US;
	}
	if (r->file == -1 && e->ended)
		return false;
	if ((r->file != -1) != sending || e->ended != ended)
		entry_watch(o, e, EPOLL_CTL_MOD);
	return (events & (EPOLLERR | EPOLLHUP)) == 0;
}

static bool
entry_late(const struct outlet *o, const struct outlet_entry *e, int64_t now_us)
{
	const struct outlet_rest *r = &e->rest;
	bool sending = r->file != -1;
	int64_t end_us =
	    sending ? client_pace_end(o->pace, r->began_us, r->at - r->began) : e->end_us;
	int64_t stop_us = o->stop_us + (sending ? STOP_SEND_US : STOP_LINGER_US);

	if (e->parked)
		return e->cut;
	return e->cut || now_us >= end_us || (o->stop_us != 0 && now_us >= stop_us);
}

static void
entry_close(struct outlet_entry *e)
{
	if (e->rest.file != -1)
		(void)close(e->rest.file);
	(void)close(e->rest.fd);
	free(e);
}

/* Lets those go whose time has come. The milliseconds until the next one; -1: none waits. */
static int
entries_release(struct outlet *o)
{
	int64_t now_us = clock_mono_us(), next_us = INT64_MAX;
	struct outlet_entry *e;

	for (e = o->entries; e != NULL; e = e->next) {
		if (!e->parked || e->cut)
			continue;
		if (o->stop_us == 0 && now_us < e->rest.began_us) {
			next_us = e->rest.began_us < next_us ? e->rest.began_us : next_us;
			continue;
		}
		e->parked = false;
		e->rest.began_us = now_us;
		entry_watch(o, e, EPOLL_CTL_MOD);
	}
	return next_us == INT64_MAX ? -1 : (int)((next_us - now_us) / US_PER_MS) + 1;
}

/* Removes those that are late, and those that `done` marks. */
static void
entries_sweep(struct outlet *o)
{
	struct outlet_entry **at = &o->entries, *e;
	int64_t now_us = clock_mono_us();

	while ((e = *at) != NULL) {
		if (!entry_late(o, e, now_us)) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		entry_close(e);
	}
}

static void
events_take(struct outlet *o, const struct epoll_event *events, int n)
{
	struct outlet_entry *e;
	uint64_t count;

	for (int i = 0; i < n; i++) {
		e = events[i].data.ptr;
		if (e == NULL)
			(void)!read(o->wake_fd, &count, sizeof(count));
		else if (!entry_move(o, e, events[i].events))
			e->cut = true;
	}
}

static void *
outlet_main(void *arg)
{
	struct outlet *o = arg;
	struct epoll_event events[EVENTS_MAX];
	bool idle = true, ended = false;
	int n, next_ms = -1;

	while (!ended) {
		n = epoll_wait(o->epoll_fd, events, EVENTS_MAX,
		    idle                                ? -1
		    : next_ms >= 0 && next_ms < TICK_MS ? next_ms
							: TICK_MS);
		(void)pthread_mutex_lock(&o->lock);
		events_take(o, events, n);
		entries_sweep(o);
		next_ms = entries_release(o);
		idle = o->entries == NULL;
		ended = idle && o->stop_us != 0;
		(void)pthread_mutex_unlock(&o->lock);
	}
	return NULL;
}

struct outlet *
outlet_new(const struct client_pace *pace)
{
	struct epoll_event wake = { .events = EPOLLIN };
	struct outlet *o = xcalloc(1, sizeof(*o));

	o->pace = pace;
	o->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	o->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&o->lock, NULL);
	if (o->epoll_fd == -1 || o->wake_fd == -1 ||
	    epoll_ctl(o->epoll_fd, EPOLL_CTL_ADD, o->wake_fd, &wake) == -1)
		panic("outlet: %s", strerror(errno));
	if (pthread_create(&o->thread, NULL, outlet_main, o) != 0)
		panic("pthread_create failed");
	return o;
}

void
outlet_free(struct outlet *o)
{
	if (o == NULL)
		return;
	(void)pthread_mutex_lock(&o->lock);
	o->stop_us = clock_mono_us();
	(void)pthread_mutex_unlock(&o->lock);
	wake_send(o);
	(void)pthread_join(o->thread, NULL);
	(void)pthread_mutex_destroy(&o->lock);
	(void)close(o->epoll_fd);
	(void)close(o->wake_fd);
	free(o);
}

#include "config.h"

#include "app/http/conn.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/http/limiter.h"
#include "app/http/record.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xalloc.h"

/* What is read at once, and how long a head may be: Apache takes 100 header lines of 8 KiB. */
#define INPUT_ROOM ((size_t)64 * 1024)
#define HEAD_MAX ((size_t)1024 * 1024)
/* A web server sends a head in one piece: without a place, so long; with one, so long. */
#define HEAD_GRACE_US (20 * US_PER_MS)
#define HEAD_WAIT_US (5 * US_PER_S)
#define DRAIN_PIECES 8
/* After a stop nobody is waited for longer. */
#define STOP_WAIT_US (2 * US_PER_S)

struct conn {
	struct outlet *outlet;
	const struct client_pace *pace;
	int stop_fd;
	int64_t stop_us; /* when the stop was seen; 0: not yet */
	int fd;
	int file;         /* the head, then the answer; -1: to be made */
	off_t began, at;  /* where the answer begins, and how far it is sent */
	int64_t began_us; /* of the answer */
	int64_t delay_us; /* of the answer */
	struct uuid owner;
	struct record_body body;
	unsigned char *input;
	size_t room, start, len; /* of input: what has come and is not used yet */
};

struct conn *
conn_new(struct outlet *outlet, const struct client_pace *pace, int stop_fd)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	c->outlet = outlet;
	c->pace = pace;
	c->stop_fd = stop_fd;
	c->fd = c->file = -1;
	c->room = INPUT_ROOM;
	c->input = xmalloc(c->room);
	return c;
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	if (c->file != -1)
		(void)close(c->file);
	free(c->input);
	free(c);
}

/* Waits for the socket. False: not until then. */
static bool
socket_wait(struct conn *c, short events, int64_t until_us)
{
	struct pollfd p[2] = { { .fd = c->fd, .events = events },
		{ .fd = c->stop_us == 0 ? c->stop_fd : -1, .events = POLLIN } };
	int64_t now_us = clock_mono_us(), end_us;

	for (;;) {
		end_us = until_us;
		if (c->stop_us != 0 && c->stop_us + STOP_WAIT_US < end_us)
			end_us = c->stop_us + STOP_WAIT_US;
		if (end_us < now_us)
			end_us = now_us;
		if (poll(p, 2, (int)((end_us - now_us + US_PER_MS - 1) / US_PER_MS)) > 0 &&
		    p[0].revents != 0)
			return true;
		now_us = clock_mono_us();
		if (now_us >= end_us)
			return false;
		if (p[1].revents != 0) {
			c->stop_us = now_us;
			p[1].fd = -1;
			p[1].revents = 0;
		}
	}
}

/* Makes room behind what has come: the input may grow up to HEAD_MAX. False: it may not. */
static bool
input_room(struct conn *c)
{
	if (c->len == 0)
		c->start = 0;
	if (c->start + c->len < c->room)
		return true;
	if (c->start > 0) {
		memmove(c->input, c->input + c->start, c->len);
		c->start = 0;
		return true;
	}
	if (c->room >= HEAD_MAX)
		return false;
	c->room *= 2;
	c->input = xreallocarray(c->input, c->room, 1);
	return true;
}

/* Reads what has come; waits for it until then. */
static enum conn_rc
input_read(struct conn *c, int64_t until_us)
{
	ssize_t n;

	if (!input_room(c))
		return CONN_CUT;
	for (;;) {
		n = recv(c->fd, c->input + c->start + c->len, c->room - c->start - c->len, 0);
		if (n > 0) {
			c->len += (size_t)n;
			return CONN_DATA;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return CONN_CUT;
		if (errno == EAGAIN && !socket_wait(c, POLLIN, until_us))
			return CONN_LATE;
	}
}

/* Reads until the head is complete. */
static enum record_rc
head_read(struct conn *c, int64_t until_us, size_t *len)
{
	enum record_rc rc;
	enum conn_rc got;

	do {
		rc = record_head(c->input + c->start, c->len, len, &c->body);
		if (rc != RECORD_MORE)
			return rc;
		got = input_read(c, until_us);
	} while (got == CONN_DATA);
	return got == CONN_LATE ? RECORD_MORE : RECORD_BAD;
}

static bool
head_wait(struct conn *c, struct limiter *heads, size_t *len)
{
	int64_t began_us = clock_mono_us();
	enum record_rc rc = head_read(c, began_us + HEAD_GRACE_US, len);

	if (rc == RECORD_MORE && limiter_acquire(heads)) {
		rc = head_read(c, began_us + HEAD_WAIT_US, len);
		limiter_release(heads);
	}
	return rc == RECORD_GOOD;
}

/*
 * Puts the head into the file, from which libfcgi will read it to the file's end. Written over and
 * then cut, the file keeps its pages.
 */
static void
head_file_write(struct conn *c, size_t len)
{
	const unsigned char *from = c->input + c->start;
	size_t at = 0;
	ssize_t n = 1;

	if (c->file == -1)
		c->file = memfd_create("request", MFD_CLOEXEC);
	for (; at < len && n > 0; at += (size_t)n)
		n = pwrite(c->file, from + at, len - at, (off_t)at);
	if (n <= 0 || ftruncate(c->file, (off_t)len) == -1 || lseek(c->file, 0, SEEK_SET) == -1)
		panic("memfd: %s", strerror(errno));
	c->start += len;
	c->len -= len;
	c->began = c->at = (off_t)len;
}

/* The socket of a connection that ends without an answer. */
static void
socket_close(struct conn *c)
{
	(void)close(c->fd);
	c->fd = -1;
}

/* A long head is rare: its room is given back. */
static void
input_shrink(struct conn *c)
{
	if (c->room == INPUT_ROOM)
		return;
	free(c->input);
	c->room = INPUT_ROOM;
	c->input = xmalloc(c->room);
}

bool
conn_accept(struct conn *c, int fd, struct limiter *heads, struct FCGX_Request *fcgi)
{
	size_t len;

	input_shrink(c);
	c->fd = fd;
	c->start = c->len = 0;
	c->delay_us = 0;
	c->owner = (struct uuid){ { 0 } };
	if (!head_wait(c, heads, &len)) {
		socket_close(c);
		return false;
	}
	head_file_write(c, len);
	/* No listening socket: libfcgi must take the file for its open connection. */
	(void)FCGX_InitRequest(fcgi, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	fcgi->ipcFd = dup(c->file);
	fcgi->keepConnection = 1;
	if (fcgi->ipcFd == -1 || FCGX_Accept_r(fcgi) != 0) {
		FCGX_Free(fcgi, 1);
		socket_close(c);
		return false;
	}
	fcgi->keepConnection = 0;
	c->began_us = clock_mono_us();
	return true;
}

void
conn_owner(struct conn *c, const struct uuid *who)
{
	c->owner = *who;
}

void
conn_delay(struct conn *c, int64_t ms)
{
	c->delay_us = ms * US_PER_MS;
}

const struct client_pace *
conn_pace(const struct conn *c)
{
	return c->pace;
}

int
conn_socket(const struct conn *c)
{
	return c->fd;
}

enum conn_rc
conn_read(struct conn *c, const char **bytes, size_t *len, int64_t until_us)
{
	const unsigned char *at, *piece;
	enum record_rc rc;
	enum conn_rc got;

	for (;;) {
		at = c->input + c->start;
		rc = record_piece(&c->body, &at, &c->len, &piece, len);
		c->start = (size_t)(at - c->input);
		switch (rc) {
		case RECORD_GOOD: *bytes = (const char *)piece; return CONN_DATA;
		case RECORD_END: return CONN_END;
		case RECORD_BAD: return CONN_CUT;
		case RECORD_MORE: break;
		}
		got = input_read(c, until_us);
		if (got != CONN_DATA)
			return got;
	}
}

/* How far libfcgi has written: it shares the file's position. */
static off_t
answer_end(const struct conn *c)
{
	return lseek(c->file, 0, SEEK_CUR);
}

bool
conn_flush(struct conn *c)
{
	off_t end = answer_end(c);
	int64_t until_us;

	for (;;) {
		if (!outlet_send(c->fd, c->file, &c->at, end))
			return false;
		if (c->at == end)
			return true;
		until_us = client_pace_end(c->pace, c->began_us, c->at - c->began);
		if (!socket_wait(c, POLLOUT, until_us))
			return false;
	}
}

/*
 * Has the web server sent all of the request? One that finds the socket closed before may lose the
 * answer. What a client still sends for long is the outlet's.
 */
static bool
request_ended(struct conn *c)
{
	enum conn_rc rc = CONN_DATA;
	const char *bytes;
	size_t len;

	for (int i = 0; i < DRAIN_PIECES && rc == CONN_DATA; i++)
		rc = conn_read(c, &bytes, &len, 0);
	return rc == CONN_END;
}

/* True: the outlet has taken both descriptors. */
static bool
answer_parked(struct conn *c, const struct outlet_rest *rest)
{
	struct outlet_rest parked = *rest;

	if (c->delay_us <= 0)
		return false;
	parked.file = c->file;
	parked.at = c->at;
	parked.began_us += c->delay_us;
	return outlet_park(c->outlet, &parked);
}

void
conn_finish(struct conn *c, struct FCGX_Request *fcgi)
{
	struct outlet_rest rest = { .fd = c->fd,
		.file = -1,
		.began = c->began,
		.began_us = clock_mono_us(),
		.owner = c->owner };
	bool sent;

	FCGX_Finish_r(fcgi);
	rest.end = answer_end(c);
	if (answer_parked(c, &rest)) {
		c->fd = c->file = -1;
		return;
	}
	sent = outlet_send(c->fd, c->file, &c->at, rest.end);
	rest.at = c->at;
	if (sent && c->at < rest.end) {
		rest.file = c->file;
		c->file = -1;
	}
	if (!sent || (rest.file == -1 && request_ended(c)))
		(void)close(c->fd);
	else
		outlet_take(c->outlet, &rest);
	c->fd = -1;
}

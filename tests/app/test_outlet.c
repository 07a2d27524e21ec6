/*
 * Answers whose time is still to come: sent then, dropped when nobody waits, early at the end. And
 * those that nobody takes, of which there may be so many.
 */
#include "config.h"

#include "app/http/outlet.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "tests/tap.h"

#define WAIT_MS 20000
#define FAR_MS 3600000
#define MORE 4

static const struct client_pace pace = { .patience_us = 10 * US_PER_S, .bytes_per_s = 65536 };

/* Parks "answer" for `owner`; the client's end, or -1 when there was no place. */
static int
answer_park(struct outlet *o, unsigned char owner, int64_t delay_ms)
{
	struct outlet_rest rest = { .owner = { { owner } } };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		panic("socketpair");
	rest.fd = ends[0];
	rest.file = memfd_create("answer", MFD_CLOEXEC);
	if (rest.file == -1 || write(rest.file, "answer", 6) != 6)
		panic("memfd");
	rest.end = 6;
	rest.began_us = clock_mono_us() + delay_ms * US_PER_MS;
	if (outlet_park(o, &rest))
		return ends[1];
	(void)close(rest.fd);
	(void)close(rest.file);
	(void)close(ends[1]);
	return -1;
}

/* Reads the answer and the end behind it. */
static bool
answer_comes(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char got[16] = "";

	return poll(&p, 1, WAIT_MS) == 1 && read(fd, got, sizeof(got)) == 6 &&
	       strcmp(got, "answer") == 0 && poll(&p, 1, WAIT_MS) == 1 &&
	       read(fd, got, sizeof(got)) == 0;
}

static void
test_time(struct outlet *o)
{
	int64_t began_us = clock_mono_us();
	int late = answer_park(o, 1, 400), soon = answer_park(o, 2, 100);

	ok(answer_comes(soon) && clock_mono_us() - began_us >= 100 * US_PER_MS,
	    "an answer leaves when its time has come");
	ok(answer_comes(late) && clock_mono_us() - began_us >= 400 * US_PER_MS,
	    "a later one later");
	(void)close(late);
	(void)close(soon);
}

static void
test_places(struct outlet *o)
{
	int mine[OUTLET_PARKED_EACH], all[OUTLET_PARKED], n = 0, again = -1;

	for (int i = 0; i < OUTLET_PARKED_EACH; i++)
		mine[i] = answer_park(o, 1, FAR_MS);
	ok(mine[OUTLET_PARKED_EACH - 1] != -1, "one owner has %d places", OUTLET_PARKED_EACH);
	ok(answer_park(o, 1, FAR_MS) == -1, "and no more");
	for (unsigned char who = 2; n < OUTLET_PARKED - OUTLET_PARKED_EACH; n++) {
		all[n] = answer_park(o, who, FAR_MS);
		if (all[n] == -1)
			break;
		who = n % OUTLET_PARKED_EACH == OUTLET_PARKED_EACH - 1 ? who + 1 : who;
	}
	is_int(n, OUTLET_PARKED - OUTLET_PARKED_EACH, "others have the rest");
	ok(answer_park(o, 255, FAR_MS) == -1, "and then all are taken");
	(void)close(mine[0]);
	for (int i = 0; i < WAIT_MS / MORE && again == -1; i++) {
		(void)poll(NULL, 0, MORE);
		again = answer_park(o, 255, FAR_MS);
	}
	ok(again != -1, "a client that leaves gives its place back at once");
	for (int i = 1; i < OUTLET_PARKED_EACH; i++)
		(void)close(mine[i]);
	while (n > 0)
		(void)close(all[--n]);
	(void)close(again);
}

/* Hands over an answer of `len` bytes that nobody takes yet; the client's end. */
static int
answer_leave(struct outlet *o, unsigned char owner, int64_t len)
{
	struct outlet_rest rest = {
		.owner = { { owner } }, .end = len, .began_us = clock_mono_us()
	};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		panic("socketpair");
	rest.fd = ends[0];
	rest.file = memfd_create("answer", MFD_CLOEXEC);
	if (rest.file == -1 || ftruncate(rest.file, len) != 0)
		panic("memfd");
	outlet_take(o, &rest);
	return ends[1];
}

/* Takes what there is until the end, and leaves. */
static int64_t
answer_length(int fd)
{
	static char trash[1 << 16];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t len = 0;
	ssize_t n = 1;

	while (n > 0 && poll(&p, 1, WAIT_MS) == 1) {
		n = read(fd, trash, sizeof(trash));
		len += n > 0 ? n : 0;
	}
	(void)close(fd);
	return len;
}

static void
test_weight(void)
{
	const int64_t each = OUTLET_WEIGHT_MAX / 4 - OUTLET_WEIGHT_EACH;
	struct outlet *o = outlet_new(&pace);
	int fds[4];
	int64_t got[4];

	for (unsigned char i = 0; i < 4; i++)
		fds[i] = answer_leave(o, i < 2 ? 1 : i + 1, each);
	for (int i = 0; i < 4; i++)
		got[i] = answer_length(fds[i]);
	ok(got[0] == each && got[1] == each && got[2] == each && got[3] == each,
	    "answers that weigh as much as may wait are all sent");
	outlet_free(o);

	o = outlet_new(&pace);
	for (unsigned char i = 0; i < 4; i++)
		fds[i] = answer_leave(o, i < 2 ? 1 : i + 1, each + (i == 3));
	for (int i = 0; i < 4; i++)
		got[i] = answer_length(fds[i]);
	ok(got[0] < each, "for one byte more the oldest of the owner who has most is cut off");
	ok(got[1] == each && got[2] == each && got[3] == each + 1, "and nobody else's");
	outlet_free(o);
}

/* A connection's file is used again as soon as its answer is sent, though the web server may not
 * have read it. */
static void
test_reuse(void)
{
	enum { PIECE = 4096, PIECES = 16 };
	char text[PIECE];
	off_t at = 0, got = 0, good = 0;
	int ends[2], file = memfd_create("answer", MFD_CLOEXEC);
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 || file == -1 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		panic("socketpair");
	memset(text, 'a', sizeof(text));
	for (int i = 0; i < PIECES; i++)
		if (pwrite(file, text, sizeof(text), (off_t)i * PIECE) != PIECE)
			panic("pwrite");
	ok(outlet_send(ends[0], file, &at, (off_t)PIECES * PIECE), "a long answer is sent");
	memset(text, 'b', sizeof(text));
	for (int i = 0; i < PIECES; i++)
		if (pwrite(file, text, sizeof(text), (off_t)i * PIECE) != PIECE)
			panic("pwrite");
	(void)shutdown(ends[0], SHUT_WR);
	while ((n = read(ends[1], text, sizeof(text))) > 0) {
		got += n;
		for (ssize_t i = 0; i < n; i++)
			good += text[i] == 'a';
	}
	ok(at > 0 && got == at, "and comes");
	ok(good == got, "as it was when it was sent, whatever is written to the file then");
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(file);
}

int
main(void)
{
	struct outlet *o = outlet_new(&pace);
	int fd;

	test_time(o);
	test_places(o);
	do {
		(void)poll(NULL, 0, MORE);
		fd = answer_park(o, 7, FAR_MS);
	} while (fd == -1);
	outlet_free(o);
	ok(answer_comes(fd), "at the end of the program answers leave early");
	(void)close(fd);
	test_weight();
	test_reuse();
	return tap_done();
}

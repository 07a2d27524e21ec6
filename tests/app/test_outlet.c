/* Answers whose time is still to come: sent then, dropped when nobody waits, early at the end. */
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
	return tap_done();
}

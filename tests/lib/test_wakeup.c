/* A wake-up wakes the process that polls the socket, is harmless when lost, and leaves other files
 * alone. */
#include "lib/wakeup.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "tests/tap.h"

static int
readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0);
}

int
main(void)
{
	char dir[] = "/tmp/test_hint.XXXXXX", path[100], lost[100];
	struct stat st;
	int fd, again, i;
	FILE *f;

	log_open("test_hint", LOG_LVL_ERROR);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/s", dir);
	snprintf(lost, sizeof lost, "%s/none", dir);
	fd = wakeup_listen(path);
	ok(fd >= 0, "a receiver listens");
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0660, "open to the group only");
	is_int(readable(fd), 0, "the socket is open to user and group only");
	for (i = 0; i < 2000; i++)
		wakeup_send(path);
	ok(true, "a full queue does not block the sender");
	is_int(readable(fd), 1, "a wake-up arrives");
	wakeup_drain(fd);
	is_int(readable(fd), 0, "one drain reads all wake-ups");
	wakeup_send(NULL);
	wakeup_send(lost);
	ok(true, "sending without a path or a receiver is harmless");
	again = wakeup_listen(path);
	ok(again >= 0, "a socket left behind is replaced");
	wakeup_send(path);
	is_int(readable(again), 1, "the new socket gets the wake-up");
	is_int(readable(fd), 0, "the old socket does not get the wake-up");
	close(fd);
	close(again);
	unlink(path);
	f = fopen(path, "w");
	fclose(f);
	is_int(wakeup_listen(path), -1, "a file that is not a socket is refused");
	ok(stat(path, &st) == 0 && S_ISREG(st.st_mode), "a file that is not a socket is kept");
	unlink(path);
	is_int(wakeup_listen("/tmp/0123456789012345678901234567890123456789012345678901234567890123"
			     "456789012345678901234567890123456789012345678"),
	    -1, "a path that is too long is refused");
	rmdir(dir);
	return tap_done();
}

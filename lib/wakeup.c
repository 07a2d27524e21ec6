/* The wake-up: one datagram, sent and forgotten. The worker's poll makes up for a lost one. */
#include "lib/wakeup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"

static int
set_socket_address(struct sockaddr_un *to, const char *path)
{
	size_t len = strlen(path);

	memset(to, 0, sizeof *to);
	to->sun_family = AF_UNIX;
	if (len == 0 || len >= sizeof to->sun_path)
		return -1;
	memcpy(to->sun_path, path, len);
	return 0;
}

/* Removes only a socket: a wrong path in the configuration must not delete a file. */
static void
remove_old_socket(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
}

int
wakeup_listen(const char *path)
{
	struct sockaddr_un address;
	const char *reason = "path too long";
	int fd = -1;

	if (set_socket_address(&address, path) == -1)
		goto fail;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd != -1) {
		remove_old_socket(path);
		if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
		    chmod(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) == 0)
			return fd;
	}
	reason = strerror(errno);
fail:
	log_error("event=wakeup_listen_failed path=%s reason=\"%s\"", path, reason);
	if (fd != -1)
		close(fd);
	return -1;
}

void
wakeup_drain(int fd)
{
	char ignored[16];

	while (recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) >= 0)
		continue;
}

void
wakeup_send(const char *path)
{
	struct sockaddr_un address;
	int fd;

	if (path == NULL || set_socket_address(&address, path) == -1)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	if (sendto(fd, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
		sizeof address) == -1)
		log_debug("event=wakeup_lost reason=\"%s\"", strerror(errno));
	close(fd);
}

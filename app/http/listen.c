/* The listening socket: our own, or the one a process manager handed over. */
#include "app/http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"

int
listen_is(int fd)
{
	socklen_t len = sizeof(int);
	int listening = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

int
listen_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		log_error("event=listen error=\"%s\"", strerror(errno));
		return -1;
	}
	return 0;
}

/* Removes what an earlier run left behind. -1: somebody is listening there, or it is no socket. */
static int
clear_stale(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), alive;
	struct stat st;

	if (fd == -1)
		return -1;
	alive = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
	(void)close(fd);
	if (alive) {
		errno = EADDRINUSE;
		return -1;
	}
	if (lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		return unlink(at->sun_path);
	return 0;
}

int
listen_open(const char *path, int backlog)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = -1;
	mode_t old;

	if (strlen(path) >= sizeof(at.sun_path)) {
		log_error("event=listen path=%s error=\"longer than %zu bytes\"", path,
		    sizeof(at.sun_path) - 1);
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	old = umask(0117);
	if (clear_stale(&at) == -1)
		goto out;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
			    listen(fd, backlog) == -1)) {
		int error = errno;

		(void)close(fd);
		fd = -1;
		errno = error;
	}
out:
	(void)umask(old);
	if (fd == -1)
		log_error("event=listen path=%s error=\"%s\"", path, strerror(errno));
	return fd;
}

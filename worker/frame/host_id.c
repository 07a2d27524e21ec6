/* The host id file and its lock. Invariant: a kept id is used only while its lock is held. */
#include "worker/frame/host_id.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/xalloc.h"

static int
host_lock(const char *path)
{
	char *name = xasprintf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd == -1)
		log_warn("event=host_lock_failed path=%s error=\"%s\"", name, strerror(errno));
	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == -1) {
		log_info("event=host_lock_held path=%s", name);
		close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}

static int
host_id_read(const char *path, struct uuid *id)
{
	char text[UUID_TEXT_SIZE] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = read(fd, text, UUID_TEXT_SIZE - 1);
	close(fd);
	return n == UUID_TEXT_SIZE - 1 ? uuid_parse(text, id) : -1;
}

static int
host_id_write(const char *path, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE + 1];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	int rc;

	if (fd == -1)
		return -1;
	uuid_format(id, text);
	text[UUID_TEXT_SIZE - 1] = '\n';
	rc = write(fd, text, UUID_TEXT_SIZE) == UUID_TEXT_SIZE && fsync(fd) == 0 ? 0 : -1;
	close(fd);
	return rc;
}

void
host_id_open(struct host_id *h, const char *path, int64_t now_us)
{
	h->id = uuid_v7(now_us);
	h->lock_fd = path != NULL ? host_lock(path) : -1;
	if (h->lock_fd == -1)
		return;
	if (host_id_read(path, &h->id) == 0)
		return;
	h->id = uuid_v7(now_us);
	if (host_id_write(path, &h->id) == -1)
		log_warn("event=host_id_not_kept path=%s error=\"%s\"", path, strerror(errno));
}

void
host_id_close(struct host_id *h)
{
	if (h->lock_fd != -1)
		close(h->lock_fd);
	h->lock_fd = -1;
}

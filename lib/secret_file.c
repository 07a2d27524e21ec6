/* Reads files with secrets, and refuses those that others can get at. */
#include "lib/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
secret_file_private(int fd, char why[SECRET_FILE_WHY_SIZE])
{
	const char *fault = NULL;
	struct stat st;
	unsigned mode;

	if (fstat(fd, &st) == -1) {
		snprintf(why, SECRET_FILE_WHY_SIZE, "%s", strerror(errno));
		return false;
	}
	mode = (unsigned)st.st_mode & 0777;
	if (S_ISREG(st.st_mode) && (mode & (S_IWGRP | S_IWOTH)) != 0)
		fault = "others than its owner can write it";
	else if (S_ISREG(st.st_mode) && (mode & S_IROTH) != 0)
		fault = "everybody can read it";
	if (fault != NULL)
		snprintf(why, SECRET_FILE_WHY_SIZE,
		    "mode %03o, %s: chmod 600, or 640 with the group of the programs", mode, fault);
	return fault == NULL;
}

static bool
secret_is_regular(int fd, char why[SECRET_FILE_WHY_SIZE])
{
	struct stat st;
	bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	if (!regular)
		snprintf(why, SECRET_FILE_WHY_SIZE, "is not a regular file");
	return regular;
}

static int
secret_read_all(int fd, char *out, size_t room, char why[SECRET_FILE_WHY_SIZE])
{
	size_t len = 0;
	ssize_t n = 0;

	while (len < room && (n = read(fd, out + len, room - len)) > 0)
		len += (size_t)n;
	if (n == -1) {
		snprintf(why, SECRET_FILE_WHY_SIZE, "cannot be read: %s", strerror(errno));
		return -1;
	}
	if (len == room) {
		snprintf(why, SECRET_FILE_WHY_SIZE, "over %zu bytes", room - 1);
		return -1;
	}
	out[len] = '\0';
	return (int)len;
}

int
secret_file_read(
    const char *path, char *out, size_t room, char why[SECRET_FILE_WHY_SIZE], bool *barred)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), len = -1;

	if (barred != NULL)
		*barred = fd == -1 && errno == EACCES;
	if (fd == -1)
		snprintf(why, SECRET_FILE_WHY_SIZE, "%s", strerror(errno));
	else if (secret_is_regular(fd, why) && secret_file_private(fd, why))
		len = secret_read_all(fd, out, room, why);
	if (fd != -1)
		close(fd);
	return len;
}

#include "lib/secret_file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/crypto.h"
#include "tests/tap.h"

static char path[] = "/tmp/test_secret_file.XXXXXX";

static void
write_secret(int fd, const char *text, mode_t mode)
{
	size_t len = strlen(text);

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, len, 0) != (ssize_t)len ||
	    fchmod(fd, mode) != 0)
		abort();
}

static void
test_modes(int fd)
{
	char text[64], why[SECRET_FILE_WHY_SIZE], mode_text[16];

	for (unsigned mode = 0400; mode <= 0777; mode++) {
		bool closed = (mode & 0026) == 0;
		int len;

		write_secret(fd, "a secret\n", mode);
		len = secret_file_read(path, text, sizeof(text), why, NULL);
		if (closed && (len != 9 || strcmp(text, "a secret\n") != 0))
			ok(false, "mode %o is read", mode);
		snprintf(mode_text, sizeof(mode_text), "mode %03o, ", mode);
		if (!closed && (len != -1 || strncmp(why, mode_text, strlen(mode_text)) != 0 ||
				   strstr(why, "chmod 600") == NULL))
			ok(false, "mode %o is refused, and it is said why", mode);
		if (secret_file_private(fd, why) != closed)
			ok(false, "mode %o of an open file", mode);
	}
	ok(true, "others can neither read nor write, the group cannot write: 512 modes");
}

static void
test_contents(int fd)
{
	char text[10], why[SECRET_FILE_WHY_SIZE];
	bool barred = true;
	int ends[2];

	write_secret(fd, "123456789", 0600);
	is_int(secret_file_read(path, text, 10, why, &barred), 9, "as long as there is room");
	ok(!barred, "this program may read it");
	is_int(secret_file_read(path, text, 9, why, NULL), -1, "one byte more is refused");
	is_str(why, "over 8 bytes", "with the limit");
	write_secret(fd, "", 0600);
	is_int(secret_file_read(path, text, 10, why, NULL), 0, "an empty file is for the caller");
	is_int(secret_file_read("/dev/null", text, 10, why, NULL), -1, "a device is refused");
	is_str(why, "is not a regular file", "as such");
	is_int(secret_file_read("/nonexistent/x", text, 10, why, &barred), -1, "a missing file");
	ok(!barred && strstr(why, "No such file") != NULL, "is told as such: %s", why);
	if (pipe(ends) != 0)
		abort();
	ok(secret_file_private(ends[0], why), "a pipe is private");
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	int fd = mkstemp(path);

	crypto_start();
	test_modes(fd);
	test_contents(fd);
	unlink(path);
	close(fd);
	return tap_done();
}

/* The streams of a terminal, behind the one rule for what may be shown. */
#include "config.h"

#include "ctl/screen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/escape.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

#define PART 1024

struct screen {
	int fd;
	char begun[4]; /* a character whose rest comes with the next write */
	size_t begun_len;
};

static int
screen_put(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n == -1 && errno == EINTR)
			n = 0;
		if (n == -1)
			return -1;
	}
	return 0;
}

/* Bytes at the end of the text that begin a character which is not all there. */
static size_t
screen_unfinished(const char *text, size_t len)
{
	for (size_t n = 1; n < 4 && n <= len; n++) {
		unsigned char c = (unsigned char)text[len - n];

		if (c >= 0xc0)
			return n < (c < 0xe0 ? 2u : c < 0xf0 ? 3u : 4u) ? n : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

static int
screen_show(int fd, const char *text, size_t len)
{
	char out[PART];

	while (len > 0) {
		bool end = *text == '\n' || *text == '\t';
		size_t n = 1, left = 0, at;

		while (!end && n < len && text[n] != '\n' && text[n] != '\t')
			n++;
		at = end ? 1 : escape_append(out, 0, sizeof out, text, n, &left);
		if (screen_put(fd, end ? text : out, at) == -1)
			return -1;
		text += n - left;
		len -= n - left;
	}
	return 0;
}

static ssize_t
screen_write(void *cookie, const char *text, size_t len)
{
	struct screen *s = cookie;
	char *all = xreallocarray(NULL, s->begun_len + len, 1);
	size_t total = s->begun_len + len, rest;
	int rc;

	memcpy(all, s->begun, s->begun_len);
	memcpy(all + s->begun_len, text, len);
	rest = screen_unfinished(all, total);
	rc = screen_show(s->fd, all, total - rest);
	memcpy(s->begun, all + total - rest, rest);
	s->begun_len = rest;
	free(all);
	return rc == -1 ? 0 : (ssize_t)len;
}

/* A character that never got its rest is shown as the bytes it is. */
static int
screen_end(void *cookie)
{
	struct screen *s = cookie;
	int rc = screen_show(s->fd, s->begun, s->begun_len);

	free(s);
	return rc;
}

static FILE *
screen_of(int fd)
{
	struct screen *s = xcalloc(1, sizeof *s);
	FILE *f;

	s->fd = fd;
	f = fopencookie(
	    s, "w", (cookie_io_functions_t){ .write = screen_write, .close = screen_end });
	if (f == NULL)
		panic("event=screen_failed");
	return f;
}

void
screen_open(void)
{
	stdout = screen_of(STDOUT_FILENO);
	stderr = screen_of(STDERR_FILENO);
	setvbuf(stdout, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
	setvbuf(stderr, NULL, _IONBF, 0);
}

int
screen_close(void)
{
	int out = fclose(stdout), err = fclose(stderr);

	stdout = stderr = NULL;
	return out == 0 && err == 0 ? 0 : -1;
}

/*
 * A log line is built in one fixed buffer, cleaned of everything that could forge or break a line,
 * and written by one write(2) of at most PIPE_BUF bytes, so that lines of threads and processes
 * that share a pipe never mix.
 */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/utf8.h"

#define LINE_MAX_BYTES 4096
#define CUT_MARK "..."

static atomic_int level_now = LOG_LVL_INFO;
static const char *program_name = "pintempo";

static const char *const level_names[] = { "error", "warn", "info", "debug" };

void
log_open(const char *program, enum log_level level)
{
	program_name = program;
	log_set_level(level);
}

void
log_set_level(enum log_level level)
{
	atomic_store(&level_now, (int)level);
}

int
log_level_parse(const char *text, enum log_level *level)
{
	if (text == NULL)
		return -1;
	for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

/* Length of the printable UTF-8 character at s, 0 when the byte must be escaped. */
static size_t
plain_length(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] < 0x20 || s[0] == 0x7f || n > len)
		return 0;
	/* U+0080..U+009F are control characters, U+2028 and U+2029 break lines in some viewers. */
	if (s[0] == 0xc2 && s[1] < 0xa0)
		return 0;
	if (n == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9))
		return 0;
	return utf8_valid((const char *)s, n) ? n : 0;
}

/* Appends cleaned text to line; returns the new length. Leaves room for the mark and newline. */
static size_t
append_clean(char *line, size_t at, const char *text, bool cut)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)text;
	size_t end = LINE_MAX_BYTES - sizeof CUT_MARK, left = strlen(text), n;

	while (left > 0) {
		n = plain_length(s, left);
		if (at + (n > 0 ? n : 4) > end) {
			cut = true;
			break;
		}
		if (n > 0) {
			memcpy(line + at, s, n);
			at += n;
		} else {
			line[at++] = '\\';
			line[at++] = 'x';
			line[at++] = digits[s[0] >> 4];
			line[at++] = digits[s[0] & 15];
			n = 1;
		}
		s += n;
		left -= n;
	}
	if (cut) {
		memcpy(line + at, CUT_MARK, sizeof CUT_MARK - 1);
		at += sizeof CUT_MARK - 1;
	}
	return at;
}

static size_t
put_line_head(char *line, size_t room, enum log_level level)
{
	int64_t now_us = clock_wall_us();
	time_t now_s = (time_t)(now_us / US_PER_S);
	struct tm tm;
	int n;

	gmtime_r(&now_s, &tm);
	n = snprintf(line, room,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %.64s: ", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(now_us % US_PER_S / US_PER_MS),
	    level_names[level], program_name);
	return n < 0 ? 0 : (size_t)n;
}

static void __attribute__((format(printf, 2, 0)))
put_line(enum log_level level, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	int saved = errno, n;
	size_t at;

	n = vsnprintf(text, sizeof text, fmt, ap);
	if (n < 0)
		text[0] = '\0';
	at = put_line_head(line, sizeof line, level);
	at = append_clean(line, at, text, n >= (int)sizeof text);
	line[at++] = '\n';
	while (write(STDERR_FILENO, line, at) == -1 && errno == EINTR)
		continue;
	errno = saved;
}

#define LOG_AT(lvl)                                                                                \
	do {                                                                                       \
		va_list ap;                                                                        \
                                                                                                   \
		if ((int)(lvl) > atomic_load_explicit(&level_now, memory_order_relaxed))           \
			return;                                                                    \
		va_start(ap, fmt);                                                                 \
		put_line(lvl, fmt, ap);                                                            \
		va_end(ap);                                                                        \
	} while (0)

void
log_error(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_ERROR);
}

void
log_warn(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_WARN);
}

void
log_info(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_INFO);
}

void
log_debug(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_DEBUG);
}

void
panic(const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	log_error("event=panic %s", text);
	abort();
}

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
#include "lib/escape.h"

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

/* Appends cleaned text to line; returns the new length. Leaves room for the mark and newline. */
static size_t
append_clean(char *line, size_t at, const char *text, bool cut)
{
	size_t end = LINE_MAX_BYTES - sizeof CUT_MARK, left;

	at = escape_append(line, at, end, text, strlen(text), &left);
	if (cut || left > 0) {
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

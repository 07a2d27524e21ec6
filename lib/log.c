/*
 * A log line is built in one fixed buffer, cleaned of everything that could forge or break a line,
 * and written by one write(2) of at most PIPE_BUF bytes, so that lines of threads and processes
 * that share a pipe never mix. The lock is never held while writing.
 */
#include "lib/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/repeat.h"

#define LINE_MAX_BYTES 4096
#define CUT_MARK "..."

static atomic_int level_now = LOG_LVL_INFO;
static const char *program_name = "pintempo";
static bool in_journal;
static struct repeat_table repeats;
static pthread_mutex_t repeats_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const level_names[] = { "error", "warn", "info", "debug" };
static const char *const level_marks[] = { "<3>", "<4>", "<6>", "<7>" };

static void repeats_write(int64_t now_us);

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the journal's socket. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) == -1)
		return false;
	snprintf(here, sizeof here, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, here) == 0;
}

static void
log_end(void)
{
	repeats_write(INT64_MAX);
}

void
log_open(const char *program, enum log_level level)
{
	program_name = program;
	in_journal = stderr_is_journal();
	log_set_level(level);
	(void)atexit(log_end);
}

const char *
log_mark(enum log_level level)
{
	return in_journal ? level_marks[level] : "";
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

	if (in_journal)
		return (size_t)snprintf(line, room, "%s", level_marks[level]);
	gmtime_r(&now_s, &tm);
	n = snprintf(line, room,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %.64s: ", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(now_us % US_PER_S / US_PER_MS),
	    level_names[level], program_name);
	return n < 0 ? 0 : (size_t)n;
}

static void
write_line(enum log_level level, const char *text, bool cut)
{
	char line[LINE_MAX_BYTES];
	size_t at = put_line_head(line, sizeof line, level);

	at = append_clean(line, at, text, cut);
	line[at++] = '\n';
	while (write(STDERR_FILENO, line, at) == -1 && errno == EINTR)
		continue;
}

/* Writes the counts of what was kept back until a minute before now_us. */
static void
repeats_write(int64_t now_us)
{
	char text[REPEAT_TEXT_SIZE + 32];
	struct repeat r;
	bool any;

	do {
		pthread_mutex_lock(&repeats_lock);
		any = repeat_over(&repeats, now_us, &r);
		pthread_mutex_unlock(&repeats_lock);
		if (any) {
			snprintf(text, sizeof text, "%s more=%u", r.text, r.more);
			write_line((enum log_level)r.tag, text, false);
		}
	} while (any);
}

void
log_counts(void)
{
	repeats_write(clock_mono_us());
}

/* `kind` NULL: the text itself. */
static void __attribute__((format(printf, 4, 0)))
put_line(enum log_level level, unsigned most, const char *kind, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	int64_t now_us = clock_mono_us();
	int saved = errno, n;
	bool pass = true;

	n = vsnprintf(text, sizeof text, fmt, ap);
	if (n < 0)
		text[0] = '\0';
	repeats_write(now_us);
	if (most > 0) {
		pthread_mutex_lock(&repeats_lock);
		pass = repeat_pass(&repeats, kind != NULL ? kind : text, (int)level, most, now_us);
		pthread_mutex_unlock(&repeats_lock);
	}
	if (pass)
		write_line(level, text, n >= (int)sizeof text);
	errno = saved;
}

#define LOG_AT(lvl, most, kind)                                                                    \
	do {                                                                                       \
		va_list ap;                                                                        \
                                                                                                   \
		if ((int)(lvl) > atomic_load_explicit(&level_now, memory_order_relaxed))           \
			return;                                                                    \
		va_start(ap, fmt);                                                                 \
		put_line(lvl, most, kind, fmt, ap);                                                \
		va_end(ap);                                                                        \
	} while (0)

void
log_error(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_ERROR, LOG_SAME_MOST, NULL);
}

void
log_warn(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_WARN, LOG_SAME_MOST, NULL);
}

void
log_info(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_INFO, 0, NULL);
}

void
log_debug(const char *fmt, ...)
{
	LOG_AT(LOG_LVL_DEBUG, 0, NULL);
}

void
log_counted(enum log_level level, unsigned most, const char *kind, const char *fmt, ...)
{
	LOG_AT(level, most, kind);
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

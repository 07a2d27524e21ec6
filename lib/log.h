#ifndef LIB_LOG_H
#define LIB_LOG_H

#include "lib/attr.h"

enum log_level { LOG_LVL_ERROR, LOG_LVL_WARN, LOG_LVL_INFO, LOG_LVL_DEBUG };

#define LOG_SAME_MOST 3

/*
 * One line to stderr per call: time (RFC 3339, UTC, ms), level, program, then the formatted text,
 * which callers write as `event=name key=value ...`, escaped by escape_append(), so external data
 * cannot forge a line. If stderr is the journal, which knows all these, the line begins with its
 * priority instead: "<3>event=...". Never pass a token, key, password, secret or body. Thread-safe:
 * one write(2) per line.
 *
 * Of equal errors or warnings three are written in a minute (LOG_SAME_MOST); how many more there
 * were is written, as " more=N", with the program's next line after the minute, by log_counts(), or
 * at its end.
 *
 * Call log_open() once, first in main, before threads; `program` must stay valid.
 */
void log_open(const char *program, enum log_level level);
/* The level is atomic, so SIGHUP may change it at any time. */
void log_set_level(enum log_level level);
/* "error" | "warn" | "info" | "debug" -> 0 and *level; anything else -> -1. */
MUST_CHECK int log_level_parse(const char *text, enum log_level *level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* For lines that differ but that many requests can cause: at most `most` in a minute of a `kind`,
 * which is text in the same form. */
void log_counted(enum log_level level, unsigned most, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes the counts whose minute is over. For a program that may have no next line for long. */
void log_counts(void);

/* What a line on stderr that is not written here begins with, so that the journal knows its level;
 * "" when stderr is not the journal. */
const char *log_mark(enum log_level level);

/* For our own bugs only: logs and calls abort(). */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

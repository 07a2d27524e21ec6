#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* TAP for unit tests: ok() and friends print one line each; tap_done() prints the plan and returns
 * main's exit status. Each test program is one translation unit, so the counters may be static
 * here.
 */
static int tap_run, tap_failed;

static inline bool __attribute__((format(printf, 2, 3))) ok(bool good, const char *fmt, ...)
{
	va_list ap;

	tap_run++;
	tap_failed += !good;
	printf("%sok %d - ", good ? "" : "not ", tap_run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return good;
}

static inline bool
is_int(int64_t got, int64_t want, const char *name)
{
	if (!ok(got == want, "%s", name))
		printf("# got %" PRId64 ", want %" PRId64 "\n", got, want);
	return got == want;
}

static inline bool
is_str(const char *got, const char *want, const char *name)
{
	bool same = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);

	if (!ok(same, "%s", name))
		printf("# got  %s\n# want %s\n", got ? got : "(null)", want ? want : "(null)");
	return same;
}

static inline int
tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

#endif

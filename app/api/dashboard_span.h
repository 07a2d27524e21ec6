#ifndef APP_API_DASHBOARD_SPAN_H
#define APP_API_DASHBOARD_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct call;
struct problem;
struct zone;

/* The time that a dashboard is about, and the hours or days of a time zone in it. */
#define DASHBOARD_BUCKETS_MAX 400 /* more than 366 days and two of which only a part counts */

struct dashboard_span {
	const char *timezone;
	struct zone *zone;
	int64_t start_us, end_us; /* from, before */
	int64_t before_us;        /* start of the period before, which is as long */
	bool hourly;
	size_t len;
	int64_t at[DASHBOARD_BUCKETS_MAX + 1]; /* where each begins, and the end of the last */
};

/*
 * Reads tz, start and end. Times without an offset are local ones of the zone, dates its midnights.
 * False: see `why`. Either way dashboard_span_free() follows.
 */
MUST_CHECK bool dashboard_span_read(struct call *c, struct dashboard_span *s, struct problem *why);
void dashboard_span_free(struct dashboard_span *s);
/* The bucket of a time from start_us on, before end_us. */
size_t dashboard_span_bucket(const struct dashboard_span *s, int64_t us);

#endif

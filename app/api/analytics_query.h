#ifndef APP_API_ANALYTICS_QUERY_H
#define APP_API_ANALYTICS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"

struct arena;
struct call;
struct problem;

/* What a request for figures asks: days in UTC, both counted, as days since 1970. */
#define ANALYTICS_LIVE_DAYS 90 /* that Pinterest looks back */
#define ANALYTICS_METRICS_MAX 32
/* What is shown when no metrics are named; all are of the account and of pins. */
extern const char *const analytics_query_usual[]; /* as Pinterest names them; NULL-ended */

enum analytics_source { ANALYTICS_AUTO, ANALYTICS_STORED, ANALYTICS_LIVE };

struct analytics_query {
	int64_t start, end, today;
	enum analytics_source source;
	bool daily;
	const char *metrics[ANALYTICS_METRICS_MAX]; /* Pinterest's names, each once */
	size_t metrics_len;
};

/* Reads start_date and end_date: the last 30 days unless given. Wrong: see `why`. */
void analytics_query_days(struct call *c, struct analytics_query *q, struct problem *why);
/* Also metrics, source and include_daily. */
void analytics_query_read(struct call *c, struct analytics_query *q, bool pin, struct problem *why);
/* Pinterest looks back so far only: a problem if the range begins earlier or is longer. */
void analytics_query_live(const struct analytics_query *q, struct problem *why);
/* "start_date=...&end_date=...", in the arena; no day is later than today. */
const char *analytics_query_path(const struct analytics_query *q, struct arena *mem);
/* Is the figure one of a pin's whole life? Pinterest takes such ones apart from others. */
MUST_CHECK bool analytics_query_ever(const char *metric);
/* The day of such a text. False: it is none. */
MUST_CHECK bool analytics_query_day(const char *date, int64_t *day, struct arena *mem);
/* "2026-03-01", in the arena. */
const char *analytics_query_date(int64_t day, struct arena *mem);

#endif

/* Dates and metrics. Pinterest's days are UTC's. */
#include "app/api/analytics_query.h"

#include <string.h>
#include <strings.h>

#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/rfc3339.h"

#define DAY_US (86400 * US_PER_S)
#define DATE_LENGTH 10
#define DAYS_DEFAULT 30
#define DAYS_MAX 366

static const struct {
	const char *name;
	bool account, pin, ever;
} known[] = {
#define METRIC(name, account, pin, ever) { name, account, pin, ever },
#include "lib/pinterest_metrics.def"
#undef METRIC
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

const char *const analytics_query_usual[] = { "IMPRESSION", "SAVE", "PIN_CLICK", "OUTBOUND_CLICK",
	NULL };

bool
analytics_query_ever(const char *metric)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, metric) == 0)
			return known[i].ever;
	return false;
}

const char *
analytics_query_date(int64_t day, struct arena *mem)
{
	char text[RFC3339_SIZE];

	return arena_strndup(mem, rfc3339_format(day * DAY_US, text), DATE_LENGTH);
}

bool
analytics_query_day(const char *date, int64_t *day, struct arena *mem)
{
	int64_t us;

	if (strlen(date) != DATE_LENGTH ||
	    rfc3339_fault(arena_printf(mem, "%sT00:00:00Z", date), &us) != NULL)
		return false;
	*day = us / DAY_US;
	return true;
}

/* True: the parameter is given and a date. */
static bool
figures_date_read(struct call *c, const char *name, int64_t *day, struct problem *why)
{
	const char *text = call_query_text(c, name, TEXT_KEY, 64, why);

	if (text == NULL)
		return false;
	if (analytics_query_day(text, day, c->mem))
		return true;
	problem_query(why, c->mem, name, "must be a date such as 2026-03-01");
	return false;
}

static void
refuse_range(struct problem *why, const char *message)
{
	problem_set(why, 422, "invalid_date_range", message);
}

void
analytics_query_days(struct call *c, struct analytics_query *q, struct problem *why)
{
	q->today = c->now_us / DAY_US;
	if (!figures_date_read(c, "end_date", &q->end, why))
		q->end = q->today;
	if (!figures_date_read(c, "start_date", &q->start, why))
		q->start = q->end - (DAYS_DEFAULT - 1);
	if (problem_any(why))
		return;
	if (q->end < q->start)
		refuse_range(why, "end_date must not be before start_date.");
	else if (q->end - q->start >= DAYS_MAX)
		refuse_range(why, "The range must not be longer than 366 days.");
	/* east of Greenwich tomorrow has begun */
	else if (q->end > q->today + 1)
		refuse_range(why, "end_date is in the future.");
}

void
analytics_query_live(const struct analytics_query *q, struct problem *why)
{
	if (q->start > q->today - ANALYTICS_LIVE_DAYS)
		return;
	refuse_range(why, "Pinterest tells only the last 90 days, today included.");
	why->remediation =
	    "Ask for a later start_date: this instance stores no figures of its own, "
	    "as Pinterest's guidelines want it.";
}

/* Adds the metric of that name. False: there is none. */
static bool
add_metric(struct analytics_query *q, const char *name, bool pin)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (strcasecmp(known[i].name, name) != 0 ||
		    !(pin ? known[i].pin : known[i].account))
			continue;
		q->metrics[q->metrics_len++] = known[i].name;
		return true;
	}
	return false;
}

static const char *
metrics_known(bool pin, struct arena *mem)
{
	const char *all = "";

	for (size_t i = 0; i < KNOWN; i++)
		if (pin ? known[i].pin : known[i].account)
			all = arena_printf(mem, "%s%s%s", all, i > 0 ? ", " : "", known[i].name);
	return all;
}

static void
read_metrics(struct call *c, struct analytics_query *q, bool pin, struct problem *why)
{
	const char *const *names = analytics_query_usual;

	if (call_query_text(c, "metrics", TEXT_LINE, 2000, why) != NULL)
		names = call_query_list(c, "metrics", ANALYTICS_METRICS_MAX, 100, why);
	for (; !problem_any(why) && *names != NULL; names++)
		if (!add_metric(q, *names, pin))
			problem_query(why, c->mem, "metrics",
			    arena_printf(c->mem, "%s is not known; known are %s", *names,
				metrics_known(pin, c->mem)));
}

void
analytics_query_read(struct call *c, struct analytics_query *q, bool pin, struct problem *why)
{
	static const char *const sources[] = { "auto", "stored", "live", NULL };
	int daily = 1, source = call_query_enum(c, "source", sources, ANALYTICS_AUTO, why);

	*q = (struct analytics_query){ .source = (enum analytics_source)source };
	(void)call_query_bool(c, "include_daily", &daily, why);
	q->daily = daily == 1;
	read_metrics(c, q, pin, why);
	analytics_query_days(c, q, why);
}

const char *
analytics_query_path(const struct analytics_query *q, struct arena *mem)
{
	int64_t start = q->start < q->today ? q->start : q->today;
	int64_t end = q->end < q->today ? q->end : q->today;

	return arena_printf(mem, "start_date=%s&end_date=%s", analytics_query_date(start, mem),
	    analytics_query_date(end, mem));
}

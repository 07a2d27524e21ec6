/* What Pinterest reports about terms and figures; pure. */
#include "lib/pinterest_reports.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/pinterest_read.h"

static void
read_term_group(struct pinterest_term_group *g, struct json_object *o, struct arena *mem)
{
	struct json_object *list = pinterest_read_member(o, "related_terms", json_type_array), *one;
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	*g = (struct pinterest_term_group){ .term = pinterest_read_text(o, "term", mem) };
	g->related = arena_alloc(mem, (n + 1) * sizeof *g->related);
	for (size_t i = 0; i < n; i++) {
		one = json_object_array_get_idx(list, i);
		if (json_object_is_type(one, json_type_string))
			g->related[g->len++] = arena_strdup(mem, json_object_get_string(one));
	}
}

int
pinterest_terms_parse(struct pinterest_terms *t, const char *body, size_t len, struct arena *mem)
{
	struct json_object *o = pinterest_read_object(body, len);
	struct json_object *list = pinterest_read_member(o, "related_terms_list", json_type_array);
	struct json_object *count = pinterest_read_member(o, "related_term_count", json_type_int);
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	*t = (struct pinterest_terms){ .id = pinterest_read_text(o, "id", mem),
		.count = count != NULL ? json_object_get_int64(count) : -1,
		.groups = arena_alloc(mem, (n + 1) * sizeof *t->groups) };
	for (size_t i = 0; i < n; i++) {
		read_term_group(&t->groups[t->len], json_object_array_get_idx(list, i), mem);
		t->len += t->groups[t->len].term != NULL;
	}
	json_object_put(o);
	return list != NULL ? 0 : -1;
}

#define METRICS_MAX 64
#define METRIC_BYTES_MAX 64
#define DAYS_MAX 400
#define DATE_LENGTH 10
#define ID_BYTES_MAX 64

/* "OUTBOUND_CLICK" as "outbound_click". False: it is no name of a metric. */
static bool
metric_name(const char *name, char out[METRIC_BYTES_MAX + 1])
{
	size_t i;

	for (i = 0; i < METRIC_BYTES_MAX && name[i] != '\0'; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			out[i] = (char)(name[i] - 'A' + 'a');
		else if ((name[i] >= '0' && name[i] <= '9') || name[i] == '_')
			out[i] = name[i];
		else
			return false;
	}
	out[i] = '\0';
	return i > 0 && name[i] == '\0';
}

/* Adds the numbers of `from` (may be NULL) to `to`. */
static void
copy_metrics(struct json_object *to, struct json_object *from)
{
	char name[METRIC_BYTES_MAX + 1];

	if (from == NULL)
		return;
	json_object_object_foreach(from, key, value)
	{
		if ((json_object_is_type(value, json_type_int) ||
			json_object_is_type(value, json_type_double)) &&
		    json_object_object_length(to) < METRICS_MAX && metric_name(key, name))
			json_put(to, name, json_object_get(value));
	}
}

static bool
is_date(struct json_object *v)
{
	const char *s = v != NULL ? json_object_get_string(v) : "";

	return strlen(s) == DATE_LENGTH && strspn(s, "0123456789-") == DATE_LENGTH && s[4] == '-' &&
	       s[7] == '-';
}

static struct json_object *
read_days(struct json_object *list)
{
	struct json_object *days = json_object_new_array();
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n && json_object_array_length(days) < DAYS_MAX; i++) {
		struct json_object *one = json_object_array_get_idx(list, i), *day, *metrics;
		struct json_object *date = pinterest_read_member(one, "date", json_type_string);
		struct json_object *status =
		    pinterest_read_member(one, "data_status", json_type_string);

		if (!is_date(date))
			continue;
		day = json_object_new_object();
		metrics = json_object_new_object();
		copy_metrics(metrics, pinterest_read_member(one, "metrics", json_type_object));
		json_put(day, "date", json_object_get(date));
		json_put(day, "data_status", json_object_get(status));
		json_put(day, "metrics", metrics);
		json_object_array_add(days, day);
	}
	return days;
}

struct json_object *
pinterest_report_parse(const char *body, size_t len)
{
	struct json_object *o = pinterest_read_object(body, len), *report = NULL, *totals;
	struct json_object *all = pinterest_read_member(o, "all", json_type_object);

	if (all != NULL) {
		report = json_object_new_object();
		totals = json_object_new_object();
		copy_metrics(
		    totals, pinterest_read_member(all, "summary_metrics", json_type_object));
		copy_metrics(
		    totals, pinterest_read_member(all, "lifetime_metrics", json_type_object));
		json_put(report, "totals", totals);
		json_put(report, "daily",
		    read_days(pinterest_read_member(all, "daily_metrics", json_type_array)));
	}
	json_object_put(o);
	return report;
}

struct json_object *
pinterest_top_pins_parse(const char *body, size_t len)
{
	struct json_object *o = pinterest_read_object(body, len), *pins = NULL;
	struct json_object *list = pinterest_read_member(o, "pins", json_type_array);
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	if (list != NULL)
		pins = json_object_new_array();
	for (size_t i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(list, i), *pin, *metrics;
		struct json_object *id = pinterest_read_member(one, "pin_id", json_type_string);
		const char *text = id != NULL ? json_object_get_string(id) : "";

		if (*text == '\0' || strlen(text) > ID_BYTES_MAX ||
		    text[strspn(text, "0123456789")] != '\0')
			continue;
		pin = json_object_new_object();
		metrics = json_object_new_object();
		copy_metrics(metrics, pinterest_read_member(one, "metrics", json_type_object));
		json_put(pin, "pin_id", json_object_get(id));
		json_put(pin, "metrics", metrics);
		json_object_array_add(pins, pin);
	}
	json_object_put(o);
	return pins;
}

/* `pintempo late`: what went late, or has not gone, and why. The sentences are those of `why`. */
#include "ctl/late.h"

#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/table.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/num.h"
#include "lib/why.h"
#include "sql/stmt.h"
#include "sql/store_why.h"

#define LATE_SHOWN 200
#define SPAN_MAX_S (366LL * 86400)

/* "90", "90s", "15min", "8h", "2d" -> seconds; -1: none of these. */
static int64_t
parse_span_s(const char *text, struct arena *mem)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "min", 60 }, { "m", 60 }, { "h", 3600 },
		{ "d", 86400 } };
	size_t digits = strspn(text, "0123456789");
	int64_t n;

	if (num_parse(arena_strndup(mem, text, digits), 0, SPAN_MAX_S, &n) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text + digits, units[i].unit) == 0 && n <= SPAN_MAX_S / units[i].seconds)
			return n * units[i].seconds;
	return -1;
}

struct late_item {
	struct uuid id;
	int64_t is_pin;
};

struct late_items {
	struct late_item row, all[LATE_SHOWN + 1];
	size_t len;
};

static void
note_late(void *arg)
{
	struct late_items *l = arg;

	if (l->len <= LATE_SHOWN)
		l->all[l->len++] = l->row;
}

static enum db_rc
show_late(struct ctl *c, struct table *t, const struct late_item *item)
{
	struct store_why o;
	char id[UUID_TEXT_SIZE];
	enum db_rc rc = item->is_pin != 0 ? store_why_pin(c->db, NULL, &item->id, &o)
					  : store_why_schedule(c->db, NULL, &item->id, &o);
	struct why w;

	if (rc != DB_OK) /* it may have been deleted since */
		return rc == DB_NONE ? DB_OK : rc;
	w = why(&o.facts, c->mem);
	table_row(t, (const char *const[]){ arena_strdup(c->mem, uuid_format(&item->id, id)),
			 format_stamp(c->mem, o.facts.run_at_us),
			 arena_printf(c->mem, "%lld s", (long long)(w.late_us / US_PER_S)),
			 arena_strdup(c->mem, o.project_name), w.sentence });
	return DB_OK;
}

int
late_run(struct ctl *c, int argc, char **argv)
{
	static const char *const headings[] = { "ID", "RUN AT", "LATE", "PROJECT", "WHY", NULL };
	const char *since = "24h", *by = "60s";
	const struct args_option options[] = { { "--since", &since, NULL }, { "--by", &by, NULL } };
	struct late_items l = { .len = 0 };
	struct table *t = table_new(c->mem, headings);
	int64_t since_s, by_s;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, 2, NULL, 0))
		return CTL_USAGE;
	since_s = parse_span_s(since, c->mem);
	by_s = parse_span_s(by, c->mem);
	if (since_s <= 0 || by_s < 0)
		return ctl_fail("%s: not a span of time such as 90s, 15min, 8h or 2d",
		    since_s <= 0 ? since : by);
	rc = db_each(c->db,
	    SQL_IN(late_list, .since = db_int(since_s), .late_by = db_int(by_s),
		.most = db_int(LATE_SHOWN + 1)),
	    SQL_OUT(late_list, .id = db_get_uuid(&l.row.id), .is_pin = db_get_int(&l.row.is_pin)),
	    note_late, &l);
	for (size_t i = 0; rc == DB_OK && i < l.len && i < LATE_SHOWN; i++)
		rc = show_late(c, t, &l.all[i]);
	if (rc != DB_OK)
		return ctl_db_fail("late", rc);
	table_print(t, "nothing was late");
	if (l.len > LATE_SHOWN)
		printf("and more: the latest %d are shown\n", LATE_SHOWN);
	return CTL_OK;
}

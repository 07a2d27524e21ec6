/*
 * GET /v1/schedules/export: the plan of an account as files that Pinterest's own bulk upload takes.
 * Without `part` it says which files there are, and what none of them can hold; with it, one file.
 */
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/pinterest_csv.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/utf8.h"
#include "lib/zone.h"
#include "sql/stmt.h"

#define SCHEDULES_MAX 1000
/* What Pinterest takes: app/api/pinterest_csv.h names the sources. */
#define ROWS_MAX 100
#define TEXT_MAX 255
#define DAYS_MAX 14
#define DESCRIPTION_MAX 500
#define FILE_BYTES_MAX (4 << 20) /* more than rows of full length need */

struct export_part {
	struct json_object *titles; /* a set: unique within a file */
	int64_t rows, from_us, to_us;
};

struct export
{
	struct call *c;
	struct zone *zone;
	const char *timezone, *campaign;
	struct uuid account_id;
	int64_t since_us, until_us, asked; /* part; 0: the list of parts */
	struct uuid id;                    /* of the schedule being read */
	struct pinterest_csv_row row;
	size_t schedules;
	struct export_part part[SCHEDULES_MAX];
	size_t parts;
	struct buf file; /* the part that is asked for */
	struct arena *line;
	struct json_object *left_out;
};

/* Why no file can hold the schedule; NULL: one can. */
static const char *
export_fault(const struct export *e)
{
	const struct pinterest_csv_row *r = &e->row;

	if (r->media == NULL)
		return "It has no image_url.";
	if (r->board == NULL)
		return "The name of its board is not known; list the account's boards first.";
	if (r->description != NULL &&
	    utf8_length(r->description, strlen(r->description)) > DESCRIPTION_MAX)
		return "Its description has more than 500 characters.";
	if (r->run_at_us > e->c->now_us + DAYS_MAX * 86400 * US_PER_S)
		return "It is more than 14 days ahead.";
	return NULL;
}

static void
leave_out(struct export *e, const char *reason)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "schedule_id", &e->id);
	json_put_text(o, "title", e->row.title);
	json_put_text(o, "reason", reason);
	json_object_array_add(e->left_out, o);
}

static struct export_part *
part_for(struct export *e)
{
	size_t i = 0;

	while (
	    i < e->parts && (e->part[i].rows == ROWS_MAX ||
				json_object_object_get_ex(e->part[i].titles, e->row.title, NULL)))
		i++;
	if (i == e->parts) {
		e->parts++;
		e->part[i].titles = json_object_new_object();
		e->part[i].from_us = e->row.run_at_us;
	}
	return &e->part[i];
}

static void
export_schedule(void *arg)
{
	struct export *e = arg;
	const char *fault = export_fault(e);
	struct export_part *p;

	if (e->schedules++ == SCHEDULES_MAX)
		return;
	if (fault != NULL) {
		leave_out(e, fault);
		return;
	}
	p = part_for(e);
	json_put_bool(p->titles, e->row.title, true);
	p->rows++;
	p->to_us = e->row.run_at_us;
	/* one file is in memory, however many there are */
	if (e->asked > 0 && p == &e->part[e->asked - 1])
		pinterest_csv_write(&e->file, &e->row, e->zone, e->line);
	arena_reset(e->line);
}

static struct json_object *
export_json(struct export *e)
{
	struct json_object *o = json_object_new_object(), *parts = json_object_new_array();

	for (size_t i = 0; i < e->parts; i++) {
		struct json_object *p = json_object_new_object();

		json_put_int(p, "part", (int64_t)i + 1);
		json_put_int(p, "rows", e->part[i].rows);
		json_put_time(p, "from", e->part[i].from_us);
		json_put_time(p, "to", e->part[i].to_us);
		json_object_array_add(parts, p);
	}
	json_put_text(o, "dialect", "pinterest");
	json_put_text(o, "timezone", e->timezone);
	json_put(o, "parts", parts);
	json_put(o, "left_out", json_object_get(e->left_out));
	json_put_bool(o, "more", e->schedules > SCHEDULES_MAX);
	return o;
}

static void
reply_export(struct export *e)
{
	struct call *c = e->c;

	if (e->asked == 0) {
		reply_json(&c->reply, 200, export_json(e));
		return;
	}
	if ((size_t)e->asked > e->parts) {
		call_not_found(c, "Part");
		return;
	}
	reply_text(&c->reply, 200, "text/csv; charset=utf-8", buf_str(&e->file));
	c->reply.filename =
	    arena_printf(c->mem, "pinterest-%zu-of-%zu.csv", (size_t)e->asked, e->parts);
}

static void
read_export_query(struct export *e, struct problem *why)
{
	struct call *c = e->c;
	const char *fault = "is required, such as Europe/Vienna or UTC";
	bool given;

	if (call_query_uuid(c, "account_id", &e->account_id, &given, why) && !given)
		problem_query(why, c->mem, "account_id", "is required");
	(void)call_query_int(c, "part", 1, SCHEDULES_MAX, &e->asked, why);
	(void)call_query_time(c, "since", &e->since_us, why);
	(void)call_query_time(c, "until", &e->until_us, why);
	e->campaign = call_query_text(c, "campaign", TEXT_LINE, TEXT_MAX, why);
	e->timezone = call_query_text(c, "timezone", TEXT_KEY, TEXT_MAX, why);
	if (e->timezone != NULL)
		e->zone = zone_load(ZONE_DIRECTORY, e->timezone, &fault);
	if (e->zone == NULL)
		problem_query(why, c->mem, "timezone", fault);
}

void
schedules_export(struct call *c)
{
	struct export *e = arena_alloc(c->mem, sizeof(*e));
	struct store_account account;
	struct problem why = { 0 };
	struct pinterest_csv_row *r = &e->row;
	enum db_rc rc;

	e->c = c;
	e->since_us = e->until_us = TIME_NONE;
	e->left_out = json_object_new_array();
	e->line = arena_new();
	read_export_query(e, &why);
	if (call_refused(c, &why) || !call_account_permitted(c, &e->account_id) ||
	    !call_found(c, store_account_get(c->db, &c->who.project_id, &e->account_id, &account),
		"Account"))
		goto done;
	buf_init(&e->file, FILE_BYTES_MAX);
	pinterest_csv_header(&e->file);
	rc = db_stream(c->db,
	    SQL_IN(schedule_export, .project = db_uuid(&c->who.project_id),
		.account = db_uuid(&e->account_id), .since = db_time(e->since_us),
		.until = db_time(e->until_us), .campaign = db_text(e->campaign),
		.most = db_int(SCHEDULES_MAX + 1)),
	    SQL_OUT(schedule_export, .id = db_get_uuid(&e->id), .title = db_get_text(&r->title),
		.description = db_get_text(&r->description), .link_url = db_get_text(&r->link),
		.image_url = db_get_text(&r->media), .related_terms = db_get_text(&r->terms),
		.run_at = db_get_time(&r->run_at_us), .board = db_get_text(&r->board)),
	    export_schedule, e);
	if (call_found(c, rc, NULL))
		reply_export(e);
done:
	for (size_t i = 0; i < e->parts; i++)
		json_object_put(e->part[i].titles);
	buf_free(&e->file);
	arena_free(e->line);
	json_object_put(e->left_out);
	zone_free(e->zone);
}

/* Campaigns: how all that bears one name stands. */
#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/filter.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/pin.h"
#include "lib/url.h"
#include "lib/why.h"
#include "sql/stmt.h"

#define LATE_S 60 /* as ?late_by=60 */
#define CAMPAIGN_MAX 255

/* A line of counts, and what a campaign's lines add up to. */
struct campaign_row {
	const char *name, *error_code;
	int64_t state, wait, items, first_us, last_us, late, most_s, sum_s;
};

struct campaign_sum {
	const char *name;
	int64_t total, published, first_us, last_us, late, most_s, sum_s;
	int64_t by_status[PIN_STATE__COUNT][2]; /* state, deferred */
};

static void
sum_add(struct campaign_sum *s, const struct campaign_row *r)
{
	bool published = r->state == PIN_PUBLISHED, deferred = r->wait != WAIT_NONE;

	if (r->state < 0 || r->state >= PIN_STATE__COUNT)
		return;
	s->by_status[r->state][deferred] += r->items;
	s->total += r->items;
	s->late += r->late;
	s->published += published ? r->items : 0;
	s->sum_s += published ? r->sum_s : 0;
	if (published && r->most_s > s->most_s)
		s->most_s = r->most_s;
	if (s->first_us == TIME_NONE || r->first_us < s->first_us)
		s->first_us = r->first_us;
	if (s->last_us == TIME_NONE || r->last_us > s->last_us)
		s->last_us = r->last_us;
}

static struct json_object *
lateness_json(const struct campaign_sum *s)
{
	struct json_object *o = json_object_new_object();

	json_put_int(o, "late", s->late);
	json_put_int(o, "max_seconds", s->most_s);
	json_put_int(o, "average_seconds", s->published > 0 ? s->sum_s / s->published : 0);
	return o;
}

static struct json_object *
sum_json(const struct campaign_sum *s)
{
	struct json_object *o = json_object_new_object(), *all = json_object_new_object();

	json_put_text(o, "name", s->name);
	json_put_int(o, "total", s->total);
	for (int i = 0; i < PIN_STATE__COUNT; i++)
		for (int deferred = 0; deferred < (i == PIN_WAITING ? 2 : 1); deferred++) {
			const char *wire = schedule_wire((enum pin_state)i, deferred != 0);
			struct json_object *old = NULL;
			int64_t n = s->by_status[i][deferred];

			if (json_object_object_get_ex(all, wire, &old))
				n += json_object_get_int64(old);
			json_put_int(all, wire, n);
		}
	json_put(o, "by_status", all);
	json_put_time(o, "first_run_at", s->first_us);
	json_put_time(o, "last_run_at", s->last_us);
	json_put(o, "lateness", lateness_json(s));
	return o;
}

/* Reads sums into *r and calls `each` for every line. */
struct campaign_lines {
	struct call *c;
	struct campaign_row r;
	struct campaign_sum sum;
	struct json_object *out;
	int64_t left; /* campaigns that the page still takes */
};

static void
sum_begin(struct campaign_lines *l, const char *name)
{
	memset(&l->sum, 0, sizeof(l->sum));
	l->sum.name = arena_strdup(l->c->mem, name);
	l->sum.first_us = l->sum.last_us = TIME_NONE;
}

static void
list_campaign_line(void *arg)
{
	struct campaign_lines *l = arg;

	if (l->sum.name == NULL || strcmp(l->sum.name, l->r.name) != 0) {
		if (l->sum.name != NULL)
			json_object_array_add(l->out, sum_json(&l->sum));
		sum_begin(l, l->r.name);
	}
	sum_add(&l->sum, &l->r);
}

struct campaign_names {
	struct call *c;
	const char *name, *first, *last;
	int64_t n, limit;
	bool more;
};

static void
note_campaign_name(void *arg)
{
	struct campaign_names *n = arg;

	if (n->n++ == n->limit) {
		n->more = true;
		return;
	}
	if (n->first == NULL)
		n->first = arena_strdup(n->c->mem, n->name);
	n->last = arena_strdup(n->c->mem, n->name);
}

#define CAMPAIGN_IN(c, a, b)                                                                       \
	.project = db_uuid(&(c)->who.project_id), .allow = db_text((c)->who.account_ids),          \
	.first = db_text(a), .last = db_text(b), .late = db_int(LATE_S)
#define CAMPAIGN_OUT(r)                                                                            \
	.items = db_get_int(&(r)->items), .first_run_at = db_get_time(&(r)->first_us),             \
	.last_run_at = db_get_time(&(r)->last_us), .late = db_get_int(&(r)->late),                 \
	.most_s = db_get_int(&(r)->most_s), .sum_s = db_get_int(&(r)->sum_s)

/* GET /v1/campaigns?after=NAME: by name; the next page is behind the last. */
void
campaigns_list(struct call *c)
{
	struct campaign_lines l = { .c = c };
	struct campaign_names n = { .c = c, .limit = 50 };
	struct problem why = { 0 };
	const char *after = call_query_text(c, "after", TEXT_LINE, CAMPAIGN_MAX, &why);
	enum db_rc rc;

	(void)call_query_int(c, "limit", 1, LIST_MOST, &n.limit, &why);
	if (call_refused(c, &why))
		return;
	rc = db_each(c->db,
	    SQL_IN(campaign_names, .project = db_uuid(&c->who.project_id),
		.allow = db_text(c->who.account_ids), .after = db_text(after != NULL ? after : ""),
		.most = db_int(n.limit + 1)),
	    SQL_OUT(campaign_names, .name = db_get_text(&n.name)), note_campaign_name, &n);
	l.out = json_object_new_array();
	if (rc == DB_OK && n.first != NULL)
		rc = db_each(c->db, SQL_IN(campaign_list, CAMPAIGN_IN(c, n.first, n.last)),
		    SQL_OUT(campaign_list, .campaign = db_get_text(&l.r.name),
			.state = db_get_int(&l.r.state), CAMPAIGN_OUT(&l.r)),
		    list_campaign_line, &l);
	if (l.sum.name != NULL)
		json_object_array_add(l.out, sum_json(&l.sum));
	call_reply(c, rc, NULL, l.out);
	if (rc == DB_OK && n.more)
		c->reply.link = arena_printf(c->mem, "<?limit=%d&after=%s>; rel=\"next\"",
		    (int)n.limit, url_encode(n.last, c->mem));
}

static void
get_campaign_line(void *arg)
{
	struct campaign_lines *l = arg;
	const struct campaign_row *r = &l->r;
	bool waits = r->state == PIN_WAITING && r->wait > 0 && r->wait < WAIT__COUNT;
	enum wait_code wait = waits ? (enum wait_code)r->wait : WAIT_NONE;
	struct json_object *o;

	sum_add(&l->sum, r);
	if (!waits && r->error_code == NULL)
		return;
	o = json_object_new_object();
	json_put_text(o, "status", schedule_wire((enum pin_state)r->state, waits));
	json_put_text(o, "error_code", waits ? wait_wire_code(wait) : r->error_code);
	json_put_text(o, "message", waits ? wait_message(wait) : why_error_sentence(r->error_code));
	json_put_text(o, "who", hand_wire(waits ? wait_hand(wait) : why_error_hand(r->error_code)));
	json_put_int(o, "count", r->items);
	json_object_array_add(l->out, o);
}

/* GET /v1/campaigns/{name} */
void
campaigns_get(struct call *c)
{
	struct campaign_lines l = { .c = c };
	const char *name = c->param[0];
	struct json_object *o;
	enum db_rc rc;

	sum_begin(&l, name);
	l.out = json_object_new_array();
	rc = db_each(c->db, SQL_IN(campaign_get, CAMPAIGN_IN(c, name, name)),
	    SQL_OUT(campaign_get, .state = db_get_int(&l.r.state),
		.wait_code = db_get_int(&l.r.wait), .error_code = db_get_text(&l.r.error_code),
		CAMPAIGN_OUT(&l.r)),
	    get_campaign_line, &l);
	if (rc == DB_OK && l.sum.total == 0)
		rc = DB_NONE;
	o = sum_json(&l.sum);
	json_put(o, "reasons", l.out);
	call_reply(c, rc, "Campaign", o);
}

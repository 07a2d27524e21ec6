/*
 * GET /v1/activity-logs. Every filter is a set of actions: each has an index in order of time, so a
 * page costs the same however long the log is and however rare what is asked for. A key for some
 * accounts has no such index: its pages look at WINDOW rows.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "app/api/cursor.h"
#include "app/api/filter.h"
#include "app/api/handlers.h"
#include "app/http/call.h"
#include "lib/activity.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/stmt.h"

#define WINDOW 3000
#define LIST_PART 64 /* ids in one statement */
#define ORDER "created_at_desc"
#define FILTER_MAX 64 /* characters */
#define DAY_US (86400 * US_PER_S)
#define YEAR_9999_US (INT64_C(253402300799) * US_PER_S)

struct log_key {
	struct uuid id;
	int64_t created_us;
};

struct log_query {
	struct call *c;
	bool wanted[ACTIVITY__COUNT];
	bool filtered;
	int64_t since_us, limit;
	struct cursor after;
	struct log_key *keys; /* found so far */
	size_t len, max;
	struct log_key row; /* being read, with these */
	const char *action;
	struct uuid account_id;
	int64_t looked_at;
};

static bool
filter_matches(const char *filter, const char *value)
{
	return filter == NULL || strcmp(filter, value) == 0;
}

static void
read_log_filters(struct call *c, struct log_query *q, struct problem *why)
{
	const char *action = call_query_text(c, "action", TEXT_KEY, FILTER_MAX, why);
	const char *category = call_query_text(c, "category", TEXT_KEY, FILTER_MAX, why);
	const char *resource = call_query_text(c, "resource_type", TEXT_KEY, FILTER_MAX, why);
	const char *status = call_query_text(c, "status", TEXT_KEY, FILTER_MAX, why);

	q->filtered = action != NULL || category != NULL || resource != NULL || status != NULL;
	for (int i = 0; i < ACTIVITY__COUNT; i++) {
		const struct activity_kind *k = activity_kind((enum activity_action)i);

		q->wanted[i] =
		    filter_matches(action, k->action) && filter_matches(category, k->category) &&
		    filter_matches(resource, k->resource) && filter_matches(status, k->status);
	}
}

/* False: the reply is a 422. */
static bool
read_log_query(struct call *c, struct log_query *q)
{
	struct problem why = { 0 };

	q->limit = 50;
	q->since_us = 0;
	(void)call_query_int(c, "limit", 1, LIST_MOST, &q->limit, &why);
	(void)call_query_time(c, "since", &q->since_us, &why);
	read_log_filters(c, q, &why);
	cursor_read(c, ORDER, &q->after, &why);
	if (!q->after.given) {
		q->after.time_us = YEAR_9999_US;
		memset(&q->after.id, 0xff, sizeof(q->after.id));
	}
	return !call_refused(c, &why);
}

/* ---- which rows ---- */

static void
add_log_key(void *arg)
{
	struct log_query *q = arg;

	if (q->len == q->max) {
		struct log_key *more;

		q->max = q->max == 0 ? 256 : 2 * q->max;
		more = arena_alloc(q->c->mem, q->max * sizeof(*more));
		if (q->len > 0)
			memcpy(more, q->keys, q->len * sizeof(*more));
		q->keys = more;
	}
	q->keys[q->len++] = q->row;
}

static void
look_at_log_row(void *arg)
{
	struct log_query *q = arg;
	const struct activity_kind *k = activity_find(q->action);
	bool wanted = !q->filtered;

	q->looked_at++;
	for (int i = 0; i < ACTIVITY__COUNT && !wanted; i++)
		wanted = q->wanted[i] && k == activity_kind((enum activity_action)i);
	if (wanted && !uuid_is_nil(&q->account_id) && call_account_listed(q->c, &q->account_id))
		add_log_key(q);
}

#define LOG_PLACE(q)                                                                               \
	.project = db_uuid(&(q)->c->who.project_id), .since = db_time((q)->since_us),              \
	.at = db_time((q)->after.time_us), .id = db_uuid(&(q)->after.id)

static enum db_rc
find_log_keys(struct log_query *q)
{
	struct db *db = q->c->db;
	enum db_rc rc = DB_OK;

	if (!q->filtered)
		return db_each(db,
		    SQL_IN(activity_keys, LOG_PLACE(q), .limit = db_int(q->limit + 1)),
		    SQL_OUT(activity_keys, .id = db_get_uuid(&q->row.id),
			.created_at = db_get_time(&q->row.created_us)),
		    add_log_key, q);
	for (int i = 0; rc == DB_OK && i < ACTIVITY__COUNT; i++)
		if (q->wanted[i])
			rc = db_each(db,
			    SQL_IN(activity_keys_of, LOG_PLACE(q),
				.action = db_text(activity_kind((enum activity_action)i)->action),
				.limit = db_int(q->limit + 1)),
			    SQL_OUT(activity_keys_of, .id = db_get_uuid(&q->row.id),
				.created_at = db_get_time(&q->row.created_us)),
			    add_log_key, q);
	return rc;
}

static enum db_rc
find_keys_of_accounts(struct log_query *q)
{
	return db_each(q->c->db, SQL_IN(activity_window, LOG_PLACE(q), .limit = db_int(WINDOW)),
	    SQL_OUT(activity_window, .id = db_get_uuid(&q->row.id),
		.created_at = db_get_time(&q->row.created_us), .action = db_get_text(&q->action),
		.account_id = db_get_uuid(&q->account_id)),
	    look_at_log_row, q);
}

static int
compare_log_keys(const void *a, const void *b)
{
	const struct log_key *x = a, *y = b;

	if (x->created_us != y->created_us)
		return x->created_us < y->created_us ? 1 : -1;
	return -memcmp(&x->id, &y->id, sizeof(x->id));
}

/* Finds the page; *next: where it goes on, given when it does. */
static enum db_rc
find_log_page(struct log_query *q, struct cursor *next)
{
	bool some = q->c->who.account_ids != NULL;
	enum db_rc rc = some ? find_keys_of_accounts(q) : find_log_keys(q);
	const struct log_key *last = &q->row;

	if (rc != DB_OK)
		return rc;
	if (q->len > 0)
		qsort(q->keys, q->len, sizeof(q->keys[0]), compare_log_keys);
	next->given = q->len > (size_t)q->limit;
	if (next->given) {
		q->len = (size_t)q->limit;
		last = &q->keys[q->len - 1];
	} else if (some && q->looked_at == WINDOW) {
		next->given = true;
	}
	next->id = last->id;
	next->time_us = last->created_us;
	next->title = "";
	return DB_OK;
}

/* ---- what is shown ---- */

struct log_row {
	struct log_query *q;
	struct json_object *items;
	struct uuid id, account_id, actor_id, resource_id;
	const char *actor_type, *actor_label, *action, *message, *metadata, *request_id;
	int64_t created_us;
};

/* An action of another version is shown by the words that all have. */
static struct activity_kind
log_kind(struct call *c, const char *action)
{
	const struct activity_kind *k = activity_find(action);

	if (k != NULL)
		return *k;
	return (struct activity_kind){ action, "configuration", "success",
		arena_strndup(c->mem, action, strcspn(action, ".")), "" };
}

static void
add_log_item(void *arg)
{
	struct log_row *r = arg;
	struct call *c = r->q->c;
	const struct activity_kind k = log_kind(c, r->action);
	int64_t days = c->app->conf->retention.activity_days;
	/* a key for some accounts is told what was done with them, and not by whom */
	bool all = c->who.account_ids == NULL;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &r->id);
	json_put_text(o, "actor_type", r->actor_type);
	json_put(o, "actor_user_id", NULL);
	if (all)
		json_put_uuid(o, "actor_user_id", &r->actor_id);
	json_put_text(o, "actor_label", all ? r->actor_label : NULL);
	json_put_text(o, "action", r->action);
	json_put_text(o, "category", k.category);
	json_put_text(o, "status", k.status);
	json_put_text(o, "resource_type", k.resource);
	json_put_uuid(o, "resource_id", &r->resource_id);
	json_put_uuid(o, "account_id", &r->account_id);
	json_put_text(o, "message", r->message != NULL ? r->message : k.says);
	json_put_stored(o, "metadata", r->metadata != NULL ? r->metadata : "{}");
	json_put_text(o, "request_id", r->request_id);
	json_put_int(o, "retention_days", days);
	json_put_time(o, "expires_at", days > 0 ? r->created_us + days * DAY_US : YEAR_9999_US);
	json_put_time(o, "created_at", r->created_us);
	json_object_array_add(r->items, o);
}

static enum db_rc
load_log_items(struct log_query *q, struct json_object *items)
{
	struct log_row r = { .q = q, .items = items };
	struct uuid ids[LIST_PART];
	enum db_rc rc = DB_OK;
	size_t n;

	for (size_t at = 0; rc == DB_OK && at < q->len; at += n) {
		for (n = 0; n < LIST_PART && at + n < q->len; n++)
			ids[n] = q->keys[at + n].id;
		rc = db_each(q->c->db,
		    SQL_IN(activity_list, .project = db_uuid(&q->c->who.project_id),
			.ids = db_uuids(ids, n)),
		    SQL_OUT(activity_list, .id = db_get_uuid(&r.id),
			.account_id = db_get_uuid(&r.account_id),
			.actor_type = db_get_text(&r.actor_type),
			.actor_user_id = db_get_uuid(&r.actor_id),
			.actor_label = db_get_text(&r.actor_label),
			.action = db_get_text(&r.action),
			.resource_id = db_get_uuid(&r.resource_id),
			.message = db_get_text(&r.message), .metadata = db_get_text(&r.metadata),
			.request_id = db_get_text(&r.request_id),
			.created_at = db_get_time(&r.created_us)),
		    add_log_item, &r);
	}
	return rc;
}

void
activity_logs_list(struct call *c)
{
	int64_t days = c->app->conf->retention.activity_days;
	struct json_object *o, *items;
	struct log_query q = { .c = c };
	struct cursor next = { 0 };
	enum db_rc rc;

	if (!read_log_query(c, &q) || !call_found(c, find_log_page(&q, &next), NULL))
		return;
	o = json_object_new_object();
	items = json_object_new_array();
	json_put(o, "items", items);
	rc = load_log_items(&q, items);
	json_put_text(o, "next_cursor", next.given ? cursor_text(c, ORDER, &next) : NULL);
	json_put_int(o, "current_retention_days", days);
	json_put_text(o, "current_retention_label",
	    days > 0 ? arena_printf(c->mem, "%lld days", (long long)days) : "for ever");
	call_reply(c, rc, NULL, o);
}

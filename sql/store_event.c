/* The outbox: events and deliveries, written in the transaction of the transition. */
#include "sql/store.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/crypto.h"
#include "sql/stmt.h"

#define EVENTS_MAX 64

/* The fan-out, one webhook at a time. */
struct event_fan_out {
	struct db *db;
	const struct event *e;
	size_t n;
	int64_t deadline_s;
	struct db_many deliveries;
	struct uuid webhook, project;
	const char *accounts, *key_accounts; /* NULL: all */
	int64_t shard, enabled, events;
};

static void
add_event(struct db *db, struct db_many *m, const struct event *e)
{
	size_t len;
	const char *body = event_body(e, db_mem(db), &len);

	db_many_push(db, m,
	    SQL_IN(event_insert, .id = db_uuid(&e->id), .project = db_uuid(&e->project_id),
		.type = db_int(e->type), .subject_type = db_int(e->subject),
		.subject = db_uuid(&e->subject_id), .version = db_int(e->version),
		.account = uuid_is_nil(&e->account_id) ? db_null() : db_uuid(&e->account_id),
		.body = db_bytes(body, len)));
}

static void
add_delivery(struct event_fan_out *f, const struct event *e)
{
	struct uuid id = uuid_v7(clock_wall_us());

	db_many_push(f->db, &f->deliveries,
	    SQL_IN(delivery_insert, .id = db_uuid(&id), .project = db_uuid(&e->project_id),
		.event = db_uuid(&e->id), .webhook = db_uuid(&f->webhook),
		.shard = db_int(f->shard), .pending = db_int(f->enabled != 0),
		.deadline_s = db_int(f->deadline_s)));
}

/* Does a list of accounts, as api_keys has it, include what the event speaks of? */
static bool
event_listed(const struct event *e, const char *accounts)
{
	char hex[2 * sizeof(e->account_id.b) + 1];

	return accounts == NULL ||
	       strstr(accounts, crypto_hex(e->account_id.b, sizeof(e->account_id.b), hex)) != NULL;
}

static void
on_webhook(void *arg)
{
	struct event_fan_out *f = arg;

	for (size_t i = 0; i < f->n; i++)
		if (uuid_equal(&f->e[i].project_id, &f->project) &&
		    (f->events & EVENT_BIT(f->e[i].type)) && event_listed(&f->e[i], f->accounts) &&
		    event_listed(&f->e[i], f->key_accounts))
			add_delivery(f, &f->e[i]);
}

/* The distinct projects of the events. */
static size_t
projects_of(const struct event *e, size_t n, struct uuid out[EVENTS_MAX])
{
	size_t len = 0, k;

	for (size_t i = 0; i < n; i++) {
		for (k = 0; k < len && !uuid_equal(&out[k], &e[i].project_id); k++)
			;
		if (k == len)
			out[len++] = e[i].project_id;
	}
	return len;
}

enum db_rc
store_events(struct db *db, const struct event *e, size_t n, int64_t deadline_s)
{
	struct event_fan_out f = { .db = db, .e = e, .n = n, .deadline_s = deadline_s };
	struct uuid projects[EVENTS_MAX] = { 0 };
	size_t len = projects_of(e, n, projects);
	struct db_many events = { 0 };
	enum db_rc rc;

	if (n == 0)
		return DB_OK;
	for (size_t i = 0; i < n; i++)
		add_event(db, &events, &e[i]);
	rc = db_many_exec(db, &events, NULL);
	if (rc == DB_OK)
		rc = db_each(db, SQL_IN(webhook_subscribers, .projects = db_uuids(projects, len)),
		    SQL_OUT(webhook_subscribers, .id = db_get_uuid(&f.webhook),
			.project_id = db_get_uuid(&f.project), .shard = db_get_int(&f.shard),
			.is_enabled = db_get_int(&f.enabled), .events = db_get_int(&f.events),
			.account_ids = db_get_text(&f.accounts),
			.key_account_ids = db_get_text(&f.key_accounts)),
		    on_webhook, &f);
	if (rc == DB_OK)
		rc = db_many_exec(db, &f.deliveries, NULL);
	return rc;
}

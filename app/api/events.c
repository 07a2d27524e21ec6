/*
 * Events for receivers without an address. Invariant: events are listed in the order in which they
 * were written (events.created_at is the time of the INSERT), and none that is written later, or
 * committed later, comes before one that was listed.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/cursor.h"
#include "app/api/handlers.h"
#include "app/api/lists.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/text.h"
#include "sql/stmt.h"

/* Between the time of an INSERT and its row there is less than this. */
#define SETTLE_S 2
#define LIMIT_MOST 200

struct events_page {
	struct call *c;
	int64_t limit, since_us, types; /* types: EVENT_BIT() */
	struct cursor at;               /* behind it, */
	struct cursor seen;             /* the last one that was read */
	int64_t type;
	struct uuid account_id;
	const void *body;
	size_t body_len;
	struct buf text;
};

static void
add_event_body(void *arg)
{
	struct events_page *p = arg;

	p->seen.given = true;
	if (!(p->types & EVENT_BIT(p->type)) || !call_account_listed(p->c, &p->account_id))
		return;
	if (p->text.len > 1)
		(void)buf_putc(&p->text, ',');
	(void)buf_add(&p->text, p->body, p->body_len);
}

/* "pin.published,pin.failed" as bits; all when it is absent. */
static int64_t
read_event_types(struct call *c, struct problem *why)
{
	const char *text = call_query_text(c, "types", TEXT_KEY, 255, why), *name;
	int64_t bits = 0;
	size_t n;
	int number;

	for (name = text; name != NULL && *name != '\0'; name += n + (name[n] == ',')) {
		n = strcspn(name, ",");
		for (number = 1; number < EVENT_TYPE__END; number++) {
			const char *known = event_type_name((enum event_type)number);

			if (strlen(known) == n && strncmp(known, name, n) == 0)
				break;
		}
		if (number == EVENT_TYPE__END) {
			problem_query(why, c->mem, "types",
			    "must hold pin.published, pin.failed or both, separated by a comma");
			return 0;
		}
		bits |= EVENT_BIT(number);
	}
	return text != NULL ? bits : ~INT64_C(0);
}

/* The parameter `after`: an event that the caller has been told of. False: the reply is set. */
static bool
find_event(struct call *c, struct cursor *at, struct problem *why)
{
	struct uuid id, account;
	bool given;
	enum db_rc rc;

	if (!call_query_uuid(c, "after", &id, &given, why) || !given || at->given)
		return true;
	rc = db_row(c->db,
	    SQL_IN(event_place, .id = db_uuid(&id), .project = db_uuid(&c->who.project_id)),
	    SQL_OUT(event_place, .created_at = db_get_time(&at->time_us),
		.account_id = db_get_uuid(&account)));
	if (rc == DB_NONE || (rc == DB_OK && !call_account_listed(c, &account)))
		problem_query(why, c->mem, "after",
		    "is no event of this project, or one that is not kept any more; begin again "
		    "without it, or with since");
	else if (rc != DB_OK)
		call_db_error(c, rc);
	at->id = id;
	at->title = "";
	return rc == DB_OK || rc == DB_NONE;
}

static void
list_events(struct call *c, struct events_page *p)
{
	enum db_rc rc;

	list_begin(&p->text);
	rc = db_each(c->db,
	    SQL_IN(event_list, .project = db_uuid(&c->who.project_id),
		.key = db_time(p->at.time_us), .after = db_uuid(&p->at.id),
		.settle_s = db_int(SETTLE_S), .limit = db_int(p->limit)),
	    SQL_OUT(event_list, .id = db_get_uuid(&p->seen.id), .type = db_get_int(&p->type),
		.account_id = db_get_uuid(&p->account_id),
		.body = db_get_bytes(&p->body, &p->body_len),
		.created_at = db_get_time(&p->seen.time_us)),
	    add_event_body, p);
	if (rc == DB_RETRY) /* the next one is not committed yet */
		rc = DB_OK;
	if (call_found(c, rc, NULL)) {
		list_reply(c, &p->text);
		if (p->seen.given)
			c->reply.link = cursor_link(c, NULL, &p->seen);
	}
	buf_free(&p->text);
}

/* GET /v1/events */
void
events_list(struct call *c)
{
	struct events_page p = { .c = c, .limit = 50, .seen = { .title = "" } };
	struct problem why = { 0 };

	cursor_read(c, NULL, &p.at, &why);
	(void)call_query_int(c, "limit", 1, LIMIT_MOST, &p.limit, &why);
	p.types = read_event_types(c, &why);
	if (!p.at.given)
		(void)call_query_time(c, "since", &p.at.time_us, &why);
	if (find_event(c, &p.at, &why) && !call_refused(c, &why))
		list_events(c, &p);
}

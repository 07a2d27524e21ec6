/* Reads why. */
#include "sql/store_why.h"

#include <string.h>

#include "lib/clock.h"
#include "sql/stmt.h"

/* As read, before it means anything. */
struct why_row {
	int64_t state, wait_code, hold_code, next_code, in_flight_other, reconnect, token_renews;
};

static enum wait_code
wait_read(int64_t code)
{
	return code > 0 && code < WAIT__COUNT ? (enum wait_code)code : WAIT_NONE;
}

static void
facts_finish(struct why_facts *f, const struct why_row *r)
{
	f->state =
	    r->state >= 0 && r->state < PIN_STATE__COUNT ? (enum pin_state)r->state : PIN_FAILED;
	f->wait = wait_read(r->wait_code);
	f->hold_code = wait_read(r->hold_code);
	f->next_code = wait_read(r->next_code);
	f->in_flight_other = r->in_flight_other != 0;
	f->reconnect = r->reconnect != 0;
	f->token_renews = r->token_renews != 0;
}

/* The columns of sql/group/why_facts.sql. */
#define WHY_FACTS_OUT(o, f, r)                                                                     \
	.project_name = db_get_text(&(o)->project_name),                                           \
	.environment = db_get_int(&(o)->environment),                                              \
	.project_paused_at = db_get_time(&(f)->project_paused_us),                                 \
	.username = db_get_text(&(o)->username),                                                   \
	.account_paused_at = db_get_time(&(f)->account_paused_us),                                 \
	.revoked_at = db_get_time(&(f)->revoked_us), .reconnect = db_get_int(&(r)->reconnect),     \
	.health_code = db_get_text(&(o)->health_code),                                             \
	.health_message = db_get_text(&(f)->health_message),                                       \
	.health_checked_at = db_get_time(&(f)->health_checked_us),                                 \
	.access_expires_at = db_get_time(&(f)->token_expires_us),                                  \
	.token_renews = db_get_int(&(r)->token_renews),                                            \
	.app_stopped_at = db_get_time(&(f)->app_stopped_us),                                       \
	.app_message = db_get_text(&(o)->app_message),                                             \
	.app_hold_until = db_get_time(&(f)->app_hold_until_us),                                    \
	.hold_until = db_get_time(&(f)->hold_until_us), .hold_code = db_get_int(&(r)->hold_code),  \
	.next_at = db_get_time(&(f)->next_at_us), .next_code = db_get_int(&(r)->next_code),        \
	.busy_until = db_get_time(&(f)->busy_until_us),                                            \
	.next_turn_at = db_get_time(&(o)->next_turn_us), .shard = db_get_int(&(o)->shard),         \
	.lease_until = db_get_time(&(f)->lease_until_us), .now = db_get_time(&(f)->now_us)

static enum db_rc
read_ahead(struct db *db, struct store_why *o)
{
	if (o->facts.state != PIN_WAITING || o->facts.due_us == TIME_NONE)
		return DB_OK;
	return db_row(db,
	    SQL_IN(why_ahead, .account = db_uuid(&o->account_id),
		.project = db_uuid(&o->project_id), .due = db_time(o->facts.due_us),
		.most = db_int(STORE_WHY_AHEAD_MAX)),
	    SQL_OUT(why_ahead, .ahead = db_get_int(&o->facts.ahead)));
}

enum db_rc
store_why_pin(struct db *db, const struct uuid *project, const struct uuid *id, struct store_why *o)
{
	struct why_facts *f = &o->facts;
	struct why_row r = { 0 };
	enum db_rc rc;

	memset(o, 0, sizeof(*o));
	rc = db_row(db, SQL_IN(why_pin, .id = db_uuid(id), .project = db_uuid(project)),
	    SQL_OUT(why_pin, .id = db_get_uuid(&o->id), .project_id = db_get_uuid(&o->project_id),
		.account_id = db_get_uuid(&o->account_id),
		.schedule_id = db_get_uuid(&o->schedule_id), .state = db_get_int(&r.state),
		.title = db_get_text(&o->title), .run_at = db_get_time(&f->run_at_us),
		.not_after = db_get_time(&f->not_after_us), .due_at = db_get_time(&f->due_us),
		.retries_spent = db_get_int(&o->retries_spent),
		.error_code = db_get_text(&f->error_code),
		.error_message = db_get_text(&f->error_message),
		.pinterest_pin_id = db_get_text(&f->pinterest_pin_id),
		.confirmed_by = db_get_text(&o->confirmed_by),
		.published_at = db_get_time(&f->published_us),
		.failed_at = db_get_time(&f->failed_us), .removed_at = db_get_time(&f->removed_us),
		.deleted_at = db_get_time(&f->deleted_us), .absent_at = db_get_time(&o->absent_us),
		.candidates = db_get_text(&o->candidates), .wait_code = db_get_int(&r.wait_code),
		.wait_until = db_get_time(&f->wait_until_us),
		.in_flight_other = db_get_int(&r.in_flight_other), WHY_FACTS_OUT(o, f, &r)));
	if (rc != DB_OK)
		return rc;
	facts_finish(f, &r);
	o->pin_id = o->id;
	return read_ahead(db, o);
}

static enum db_rc
read_schedule(struct db *db, const struct uuid *project, const struct uuid *id, struct store_why *o)
{
	struct why_facts *f = &o->facts;
	struct why_row r = { 0 };
	int64_t updated_us;
	enum db_rc rc = db_row(db,
	    SQL_IN(why_schedule, .id = db_uuid(id), .project = db_uuid(project)),
	    SQL_OUT(why_schedule, .id = db_get_uuid(&o->id),
		.project_id = db_get_uuid(&o->project_id),
		.account_id = db_get_uuid(&o->account_id), .pin_id = db_get_uuid(&o->pin_id),
		.state = db_get_int(&r.state), .title = db_get_text(&o->title),
		.run_at = db_get_time(&f->run_at_us), .not_after = db_get_time(&f->not_after_us),
		.last_error = db_get_text(&f->error_message),
		.deleted_at = db_get_time(&f->deleted_us), .updated_at = db_get_time(&updated_us),
		.wait_code = db_get_int(&r.wait_code), .wait_until = db_get_time(&f->wait_until_us),
		.in_flight_other = db_get_int(&r.in_flight_other), WHY_FACTS_OUT(o, f, &r)));

	if (rc != DB_OK)
		return rc;
	facts_finish(f, &r);
	o->schedule_id = o->id;
	f->published_us = f->removed_us = o->absent_us = TIME_NONE;
	f->due_us = f->run_at_us;
	f->failed_us = f->state == PIN_FAILED ? updated_us : TIME_NONE;
	return DB_OK;
}

enum db_rc
store_why_schedule(
    struct db *db, const struct uuid *project, const struct uuid *id, struct store_why *o)
{
	struct store_why pin;
	enum db_rc rc;

	memset(o, 0, sizeof(*o));
	rc = read_schedule(db, project, id, o);
	if (rc != DB_OK || uuid_is_nil(&o->pin_id) || o->facts.deleted_us != TIME_NONE)
		return rc;
	/* a schedule whose pin was deleted keeps its own state */
	rc = store_why_pin(db, &o->project_id, &o->pin_id, &pin);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_OK : rc;
	if (pin.facts.deleted_us == TIME_NONE) {
		pin.schedule_id = o->id;
		*o = pin;
	} else {
		o->facts.published_us = pin.facts.published_us;
	}
	return DB_OK;
}

/*
 * Saves outcomes. Invariant: repeating a save changes nothing more, because every write checks the
 * state before it.
 */
#include "worker/publish/publish_db.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crash.h"
#include "lib/log.h"
#include "lib/scopes.h"
#include "sql/stmt.h"
#include "worker/frame/isolate_db.h"
#include "worker/publish/lane_backoff_db.h"

#define STOPS_LOGGED 20 /* lines a minute, for each app */

static enum db_rc
write_account_effect(struct db *db, const struct in_flight *c)
{
	const struct intent *i = &c->intent;
	const struct verdict *v = &c->effects.verdict;
	const char *missing = scopes_refused(v->message != NULL ? v->message : "", db_mem(db));

	switch (c->effects.account) {
	case EFFECTS_ACCOUNT_NONE: return DB_OK;
	case EFFECTS_ACCOUNT_EXPIRED:
		return db_exec_any(db,
		    SQL_IN(account_token_expired, .project = db_uuid(&i->project_id),
			.id = db_uuid(&i->account_id), .version = db_int(i->token_version)),
		    NULL);
	case EFFECTS_ACCOUNT_RECONNECT:
		return db_exec_any(db,
		    SQL_IN(account_need_reconnect, .project = db_uuid(&i->project_id),
			.id = db_uuid(&i->account_id), .version = db_int(i->token_version),
			.code = db_text(v->code), .message = db_text(v->message),
			.missing = *missing != '\0' ? db_text(missing) : db_null()),
		    NULL);
	}
	return DB_OK;
}

/* Whose app it is: in the sandbox the project's, as if each had its own. */
static struct uuid
app_project(const struct intent *i)
{
	return i->environment == ENV_SANDBOX ? i->project_id : (struct uuid){ 0 };
}

/* In the sandbox a project gets its row when it first needs one. */
static enum db_rc
app_row_make(struct db *db, const struct intent *i)
{
	enum db_rc rc;

	if (i->environment != ENV_SANDBOX)
		return DB_OK;
	rc = db_exec_any(db,
	    SQL_IN(
		app_adopt, .environment = db_int(ENV_SANDBOX), .project = db_uuid(&i->project_id)),
	    NULL);
	if (rc == DB_OK)
		rc = db_exec_any(db,
		    SQL_IN(app_insert, .environment = db_int(ENV_SANDBOX),
			.project = db_uuid(&i->project_id)),
		    NULL);
	return rc;
}

/* Told to the log when it stops, and when a probe finds that it is to stay stopped. */
static enum db_rc
stop_app(struct db *db, const struct in_flight *c)
{
	enum environment env = c->intent.environment;
	enum wait_code code = c->effects.verdict.stop_code;
	struct verdict_probe probe = verdict_probe(env, code);
	const char *message = c->effects.stop_message;
	struct uuid project = app_project(&c->intent);
	char id[UUID_TEXT_SIZE];
	enum db_rc rc = app_row_make(db, &c->intent);

	if (rc != DB_OK)
		return rc;
	rc = db_exec(db,
	    SQL_IN(app_stop, .environment = db_int(env), .project = db_uuid(&project),
		.code = db_int(code), .message = db_text(message),
		.first_us = db_int(probe.first_us), .most_us = db_int(probe.most_us)),
	    NULL);

	if (rc == DB_OK)
		log_counted(env == ENV_SANDBOX ? LOG_LVL_WARN : LOG_LVL_ERROR, STOPS_LOGGED,
		    "event=app_stopped",
		    "event=app_stopped environment=%s project=%s reason=%s message=\"%s\"",
		    conf_environment_name(env), uuid_format(&project, id), wait_wire_code(code),
		    message);
	if (rc != DB_NONE)
		return rc;
	if (c->intent.probe)
		log_warn("event=app_still_stopped environment=%s reason=%s message=\"%s\"",
		    conf_environment_name(env), wait_wire_code(code), message);
	return db_exec_any(db,
	    SQL_IN(app_stop_again, .environment = db_int(env), .project = db_uuid(&project),
		.code = db_int(code), .message = db_text(message), .probe = db_int(c->intent.probe),
		.first_us = db_int(probe.first_us), .most_us = db_int(probe.most_us)),
	    NULL);
}

static enum db_rc
start_app(struct db *db, const struct intent *i)
{
	enum environment env = i->environment;
	struct uuid project = app_project(i);
	enum db_rc rc = db_exec(
	    db, SQL_IN(app_resume, .environment = db_int(env), .project = db_uuid(&project)), NULL);

	if (rc == DB_OK)
		log_info("event=app_started environment=%s", conf_environment_name(env));
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_app_effect(struct db *db, const struct in_flight *c)
{
	const struct verdict *v = &c->effects.verdict;
	int64_t env = c->intent.environment;
	struct uuid project = app_project(&c->intent);
	enum db_rc rc;

	switch (c->effects.app) {
	case EFFECTS_APP_NONE: return DB_OK;
	case EFFECTS_APP_STOP: return stop_app(db, c);
	case EFFECTS_APP_START: return start_app(db, &c->intent);
	case EFFECTS_APP_HOLD:
		rc = app_row_make(db, &c->intent);
		if (rc != DB_OK)
			return rc;
		return db_exec_any(db,
		    SQL_IN(app_hold, .environment = db_int(env), .project = db_uuid(&project),
			.until = db_time(v->until_us)),
		    NULL);
	}
	return DB_OK;
}

static bool
is_fenced_create(const struct publish_save *s, const struct in_flight *c)
{
	return !c->attempt_only && (s->leases.mask & FENCE_BIT(c->intent.shard));
}

static enum db_rc
write_attempt_only(struct db *db, const struct in_flight *c)
{
	enum db_rc rc = pin_move_attempt_close(
	    db, &c->intent.project_id, &c->intent.pin_id, &c->effects.attempt);

	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
write_effects(struct db *db, const struct in_flight *c)
{
	enum db_rc rc = write_account_effect(db, c);

	if (rc == DB_OK)
		rc = write_app_effect(db, c);
	if (rc == DB_OK)
		rc = lane_backoff_apply(db, &c->intent.lane_id, &c->effects.backoff);
	return rc;
}

/* Some of a save's creates, in one transaction. */
struct save_range {
	struct publish_save *save;
	struct in_flight *const *creates;
	size_t len;
};

static enum db_rc
write_outcomes(struct db *db, const struct save_range *r)
{
	const struct pin_move *moves[PUBLISH_SAVE_MAX];
	size_t n = 0;
	enum db_rc rc;

	for (size_t i = 0; i < r->len; i++)
		if (is_fenced_create(r->save, r->creates[i]))
			moves[n++] = &r->creates[i]->effects.move;
	rc = pin_move_all(db, moves, n);
	for (size_t i = 0; i < r->len && rc == DB_OK; i++)
		rc = is_fenced_create(r->save, r->creates[i])
			 ? write_effects(db, r->creates[i])
			 : write_attempt_only(db, r->creates[i]);
	return rc;
}

static enum db_rc
publish_save_transaction(struct db *db, void *arg)
{
	const struct save_range *r = arg;
	struct publish_save *s = r->save;
	struct fence fence;
	uint64_t mask = 0;
	enum db_rc rc = DB_OK;

	for (size_t i = 0; i < r->len; i++)
		if (is_fenced_create(s, r->creates[i]))
			mask |= FENCE_BIT(r->creates[i]->intent.shard);
	if (mask != 0) {
		rc = fence_take(db, &s->leases, mask, &fence);
		s->lost = fence.lost;
		s->sample.db_us = rc == DB_OK ? fence.now_us : 0;
		s->sample.mono_us = clock_mono_us();
	}
	if (rc == DB_OK)
		rc = write_outcomes(db, r);
	CRASH_POINT("save.before_commit");
	return rc;
}

static enum db_rc
publish_save_range(struct db *db, void *arg, size_t first, size_t n)
{
	struct publish_save *s = arg;
	struct save_range r = { s, s->creates + first, n };
	enum db_rc rc = db_transact(db, publish_save_transaction, &r);

	if (rc == DB_OK)
		CRASH_POINT("save.after_commit");
	return rc;
}

static enum db_rc
publish_save_refused(struct db *db, void *arg, size_t row, enum db_rc rc)
{
	struct publish_save *s = arg;
	struct in_flight *c = s->creates[row];
	char pin[UUID_TEXT_SIZE];

	if (!c->attempt_only) {
		c->attempt_only = true;
		rc = publish_save_range(db, s, row, 1);
		if (rc != DB_FAIL && rc != DB_DUP)
			return rc;
	}
	log_error(
	    "event=outcome_lost pin=%s rc=%s", uuid_format(&c->intent.pin_id, pin), db_rc_name(rc));
	return DB_OK;
}

enum db_rc
publish_save_run(struct db *db, void *arg)
{
	static const struct isolate how = { publish_save_range, publish_save_refused };
	struct publish_save *s = arg;
	int64_t began_us = clock_mono_us();
	enum db_rc rc;

	CRASH_POINT("save.before");
	rc = isolate(db, &how, s, s->len, &s->saved);
	s->took_us = clock_mono_us() - began_us;
	for (size_t i = 0; i < s->saved; i++) {
		const struct in_flight *c = s->creates[i];
		struct uuid project = app_project(&c->intent);

		s->account_changed |= c->effects.account == EFFECTS_ACCOUNT_EXPIRED;
		/* Best effort: each lane's own next turn comes anyway. */
		if (c->effects.app == EFFECTS_APP_START)
			(void)db_exec(db,
			    SQL_IN(lane_wake_environment,
				.environment = db_int(c->intent.environment),
				.project = db_uuid(&project)),
			    NULL);
	}
	return rc;
}

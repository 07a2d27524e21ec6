/*
 * Empties the sandbox. Invariant: while rows are deleted, the project is paused and nothing is
 * being sent. Schedules are deleted before pins, so that none can be promoted afterwards. A
 * repeated reset completes an interrupted one.
 */
#include <time.h>

#include "app/api/identity.h"
#include "app/api/handlers.h"
#include "app/api/activity.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "sql/stmt.h"
#include "sql/store_pause.h"

#define WAIT_US (5 * US_PER_S)
#define PAUSE_NS (100 * 1000 * 1000L)

/* In this order; each deletes some rows and is repeated until none are left. */
static const unsigned sweeps[] = { SQL_schedule_reset, SQL_LIKE(schedule_reset, attempt_reset),
	SQL_LIKE(schedule_reset, pin_reset), SQL_LIKE(schedule_reset, import_row_reset),
	SQL_LIKE(schedule_reset, import_reset), SQL_LIKE(schedule_reset, delivery_attempt_reset),
	SQL_LIKE(schedule_reset, delivery_reset), SQL_LIKE(schedule_reset, event_reset),
	SQL_LIKE(schedule_reset, activity_reset), SQL_LIKE(schedule_reset, idempotency_reset) };

struct reset_step {
	unsigned stmt;
	const struct uuid *project;
	bool on;
};

static enum db_rc
run_reset_statement(struct db *db, void *arg)
{
	const struct reset_step *s = arg;

	return db_exec(
	    db, SQL_IN_LIKE(schedule_reset, s->stmt, .project = db_uuid(s->project)), NULL);
}

/* Runs one statement in its own transaction, again after a deadlock. */
static enum db_rc
run_reset_step(struct call *c, unsigned stmt, const struct uuid *project)
{
	struct reset_step s = { .stmt = stmt, .project = project };

	return db_transact(c->db, run_reset_statement, &s);
}

static enum db_rc
count_sending(struct call *c, const struct uuid *project, int64_t *sending)
{
	return db_row(c->db, SQL_IN(pin_count_sending, .project = db_uuid(project)),
	    SQL_OUT(pin_count_sending, .sending = db_get_int(sending)));
}

static enum db_rc
set_reset_pause(struct db *db, void *arg)
{
	const struct reset_step *s = arg;
	const struct store_pause p = { .project = *s->project, .on = s->on };

	return store_pause_project(db, &p);
}

/* DB_NONE: it is so already, because of a user or an interrupted reset. */
static enum db_rc
set_pause(struct call *c, const struct uuid *project, bool on)
{
	struct reset_step s = { .project = project, .on = on };

	return db_transact(c->db, set_reset_pause, &s);
}

/* Waits until nothing is being sent. False: the reply is 409 (it takes too long) or 503. */
static bool
wait_idle(struct call *c, const struct uuid *project)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int64_t end_us = clock_mono_us() + WAIT_US, sending = 0;
	enum db_rc rc;

	while ((rc = count_sending(c, project, &sending)) == DB_OK && sending > 0) {
		if (clock_mono_us() >= end_us) {
			reply_error(&c->reply, 409, "conflict",
			    "Pins are still being published; try again in a moment.");
			c->reply.retry_after_s = 5;
			return false;
		}
		(void)nanosleep(&pause, NULL);
	}
	return call_found(c, rc, NULL);
}

static enum db_rc
sweep_rows(struct call *c, const struct uuid *project)
{
	enum db_rc rc = DB_OK;
	size_t i;

	for (i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		while ((rc = run_reset_step(c, sweeps[i], project)) == DB_OK)
			;
		if (rc != DB_NONE)
			return rc;
	}
	return DB_OK;
}

static enum db_rc
note_reset(struct db *db, void *arg)
{
	struct call *c = arg;

	(void)db;
	return activity_write(
	    c, "configuration", "project.reset", "success", NULL, "Sandbox emptied.");
}

/* False: the reply is set. */
static bool
find_reset_project(struct call *c, struct uuid *project)
{
	enum db_rc rc =
	    db_row(c->db, SQL_IN(project_sandbox, .organization = db_uuid(&c->who.organization_id)),
		SQL_OUT(project_sandbox, .id = db_get_uuid(project)));

	return call_found(c, rc, "Sandbox project");
}

/* Pauses and waits until nothing is being sent. False: the reply is set, the pause unchanged. */
static bool
halt_lanes(struct call *c, const struct uuid *project)
{
	enum db_rc rc = set_pause(c, project, true);

	if (rc != DB_OK && rc != DB_NONE) {
		call_db_error(c, rc);
		return false;
	}
	if (wait_idle(c, project))
		return true;
	if (rc == DB_OK)
		(void)set_pause(c, project, false);
	return false;
}

/* POST /v1/projects/sandbox/reset: keeps project, keys, webhooks and accounts. */
void
reset_sandbox(struct call *c)
{
	struct uuid project;
	enum db_rc rc, end;

	if (!find_reset_project(c, &project))
		return;
	c->wake_worker = true;
	if (!halt_lanes(c, &project))
		return;
	c->done = "The sandbox may be emptied in part.";
	rc = sweep_rows(c, &project);
	end = set_pause(c, &project, false);
	if (rc == DB_OK && end != DB_NONE)
		rc = end;
	if (rc == DB_OK)
		rc = db_transact(c->db, note_reset, c);
	if (rc != DB_OK)
		call_db_error(c, rc);
	else
		identity_reply_projects(c, 200);
}

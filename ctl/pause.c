/* Pauses and resumes accounts and projects. Waiting pins stay waiting. */
#include "ctl/pause.h"

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/args.h"
#include "sql/stmt.h"
#include "sql/store_pause.h"

static enum db_rc
find_account(struct ctl *c, const struct uuid *id, struct uuid *project)
{
	return db_row(c->db, SQL_IN(account_project, .account = db_uuid(id)),
	    SQL_OUT(account_project, .project_id = db_get_uuid(project)));
}

static enum db_rc
find_project(struct ctl *c, struct uuid *id)
{
	int64_t environment;

	return db_row(c->db, SQL_IN(project_exists, .project = db_uuid(id)),
	    SQL_OUT(
		project_exists, .id = db_get_uuid(id), .environment = db_get_int(&environment)));
}

static enum db_rc
pause_write(struct db *db, void *arg)
{
	const struct store_pause *p = arg;

	return p->account != NULL ? store_pause_account(db, p) : store_pause_project(db, p);
}

static int
pause_save(struct ctl *c, struct store_pause *p, const char *what, const char *text)
{
	enum db_rc rc = db_transact(c->db, pause_write, p);

	if (rc != DB_OK && rc != DB_NONE)
		return ctl_db_fail(p->on ? "pausing" : "resuming", rc);
	printf("%s %s  %s%s\n", what, text, rc == DB_NONE ? "already " : "",
	    p->on ? "paused: waiting pins are deferred, pins being sent are finished"
		  : "resumed, at its pace");
	return CTL_OK;
}

static int
pause_command_run(struct ctl *c, int argc, char **argv, bool account, bool on)
{
	const char *what = account ? "account" : "project", *text = NULL;
	struct store_pause p = { .on = on, .by = ctl_actor() };
	struct uuid id;
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &text, 1) || text == NULL)
		return CTL_USAGE;
	if (uuid_parse(text, &id) != 0)
		return ctl_fail("%s: not an id", text);
	p.project = id;
	p.account = account ? &id : NULL;
	rc = account ? find_account(c, &id, &p.project) : find_project(c, &p.project);
	if (rc == DB_NONE)
		return ctl_fail("there is no %s %s", what, text);
	return rc == DB_OK ? pause_save(c, &p, what, text) : ctl_db_fail("finding it", rc);
}

int
pause_account(struct ctl *c, int argc, char **argv)
{
	return pause_command_run(c, argc, argv, true, true);
}

int
pause_account_end(struct ctl *c, int argc, char **argv)
{
	return pause_command_run(c, argc, argv, true, false);
}

int
pause_project(struct ctl *c, int argc, char **argv)
{
	return pause_command_run(c, argc, argv, false, true);
}

int
pause_project_end(struct ctl *c, int argc, char **argv)
{
	return pause_command_run(c, argc, argv, false, false);
}

/* What commands share: messages, and the project of an option. */
#include "ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/uuid.h"
#include "sql/stmt.h"
#include "sql/store.h"

const struct actor *
ctl_actor(void)
{
	static const struct actor us = { .type = "system", .label = "pintempo" };

	return &us;
}

int
ctl_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("pintempo: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CTL_FAILED;
}

static const char *
rc_meaning(enum db_rc rc)
{
	switch (rc) {
	case DB_OK: return "done";
	case DB_NONE: return "there is no such row";
	case DB_DUP: return "it already exists";
	case DB_RETRY: return "the database is too busy; try again";
	case DB_DOWN: return "the database cannot be reached; is it running?";
	case DB_UNKNOWN:
		return "the connection was lost while saving; check whether it was saved "
		       "before trying again";
	case DB_FAIL: return "the database refused it; the line above says why";
	}
	return "?";
}

int
ctl_db_fail(const char *doing, enum db_rc rc)
{
	return ctl_fail("%s: %s", doing, rc_meaning(rc));
}

int
ctl_project(struct ctl *c, const char *text, struct uuid *id, int64_t *environment)
{
	int64_t found;
	enum db_rc rc;

	if (uuid_parse(text, id) != 0)
		return ctl_fail("--project %s: not a project id", text);
	rc = db_row(c->db, SQL_IN(project_exists, .project = db_uuid(id)),
	    SQL_OUT(project_exists, .id = db_get_uuid(id), .environment = db_get_int(&found)));
	if (rc == DB_NONE)
		return ctl_fail("there is no project %s; `pintempo project list` lists them", text);
	if (rc != DB_OK)
		return ctl_db_fail("reading the project", rc);
	if (environment != NULL)
		*environment = found;
	return CTL_OK;
}

/* Sessions of users: who is logged in from where, and the end of it. */
#include "ctl/sessions.h"

#include <stdio.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/logins.h"
#include "ctl/table.h"
#include "ctl/users.h"
#include "lib/clock.h"
#include "sql/stmt.h"

struct session_row {
	struct ctl *c;
	struct table *table;
	struct uuid id;
	const char *email, *network, *agent;
	int64_t created_at, last_used_at, now;
};

static void
session_show(void *arg)
{
	struct session_row *r = arg;
	char id[UUID_TEXT_SIZE];
	const char *cells[] = { arena_strdup(r->c->mem, uuid_format(&r->id, id)), r->email,
		r->network,
		r->last_used_at != TIME_NONE ? format_distance(r->c->mem, r->last_used_at, r->now)
					     : "never",
		format_stamp(r->c->mem, r->created_at), r->agent != NULL ? r->agent : "-" };

	table_row(r->table, cells);
}

int
sessions_list(struct ctl *c, int argc, char **argv)
{
	static const char *const headings[] = { "ID", "EMAIL", "NETWORK", "USED", "CREATED",
		"PROGRAM", NULL };
	struct session_row r = { .c = c, .table = table_new(c->mem, headings) };
	const char *email = NULL;
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &email, 1))
		return CTL_USAGE;
	if (email != NULL && (email = users_email(c, email)) == NULL)
		return CTL_FAILED;
	rc = db_now(c->db, &r.now);
	if (rc == DB_OK)
		rc = db_each(c->db, SQL_IN(session_list_all, .email = db_text(email)),
		    SQL_OUT(session_list_all, .id = db_get_uuid(&r.id),
			.email = db_get_text(&r.email), .network = db_get_text(&r.network),
			.user_agent = db_get_text(&r.agent),
			.created_at = db_get_time(&r.created_at),
			.last_used_at = db_get_time(&r.last_used_at)),
		    session_show, &r);
	if (rc != DB_OK)
		return ctl_db_fail("listing the sessions", rc);
	table_print(r.table, "no sessions");
	return CTL_OK;
}

int
sessions_revoke(struct ctl *c, int argc, char **argv)
{
	const char *text = NULL;
	struct uuid id;
	enum db_rc rc;

	if (!args_parse(argc, argv, NULL, 0, &text, 1) || text == NULL)
		return CTL_USAGE;
	if (uuid_parse(text, &id) != 0)
		return logins_end_sessions(c, argc, argv);
	rc = db_exec(c->db, SQL_IN(session_delete_operator, .id = db_uuid(&id)), NULL);
	if (rc == DB_NONE)
		return ctl_fail("there is no such session; `pintempo session list` lists them");
	if (rc != DB_OK)
		return ctl_db_fail("ending the session", rc);
	printf("session  %s  ended\n", text);
	return CTL_OK;
}

/* Connected Pinterest accounts of all projects. */
#include "ctl/accounts.h"

#include <inttypes.h>
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/table.h"
#include "lib/clock.h"
#include "sql/stmt.h"

struct account_row {
	struct ctl *c;
	struct table *table;
	struct uuid id, project;
	const char *username, *pinterest_id, *health_code;
	int64_t environment, health, waiting, paused_at;
};

static void
account_show(void *arg)
{
	struct account_row *r = arg;
	char id[UUID_TEXT_SIZE], project[UUID_TEXT_SIZE];
	const char *state = r->health != 0              ? r->health_code
			    : r->paused_at != TIME_NONE ? "paused"
							: "connected";
	const char *cells[] = { arena_strdup(r->c->mem, uuid_format(&r->id, id)),
		arena_strdup(r->c->mem, uuid_format_project(&r->project, project)),
		format_environment(r->environment), state,
		arena_printf(r->c->mem, "%" PRId64, r->waiting), r->pinterest_id, r->username };

	table_row(r->table, cells);
}

int
accounts_list(struct ctl *c, int argc, char **argv)
{
	static const char *const headings[] = { "ID", "PROJECT", "ENVIRONMENT", "STATE", "WAITING",
		"PINTEREST", "NAME", NULL };
	struct account_row r = { .c = c, .table = table_new(c->mem, headings) };
	const char *project = NULL;
	const struct args_option options[] = { { .name = "--project", .value = &project } };
	struct uuid id;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0))
		return CTL_USAGE;
	if (project != NULL && ctl_project(c, project, &id, NULL) != CTL_OK)
		return CTL_FAILED;
	rc = db_each(c->db,
	    SQL_IN(account_list_all, .project = db_uuid(project != NULL ? &id : NULL)),
	    SQL_OUT(account_list_all, .id = db_get_uuid(&r.id),
		.project_id = db_get_uuid(&r.project), .environment = db_get_int(&r.environment),
		.username = db_get_text(&r.username),
		.pinterest_user_id = db_get_text(&r.pinterest_id), .health = db_get_int(&r.health),
		.health_code = db_get_text(&r.health_code), .paused_at = db_get_time(&r.paused_at),
		.waiting = db_get_int(&r.waiting)),
	    account_show, &r);
	if (rc != DB_OK)
		return ctl_db_fail("listing the accounts", rc);
	table_print(r.table, "no accounts");
	return CTL_OK;
}

/* Members of organizations and their roles, as GET and PATCH /v1/team/members. */
#include "ctl/members.h"

#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/table.h"
#include "ctl/users.h"
#include "lib/role.h"
#include "sql/stmt.h"
#include "sql/store_member.h"

/* A row of a list, or the member that is to be changed. */
struct member_row {
	struct ctl *c;
	struct table *table;
	const char *email, *role, *organization_name, *was, *wanted;
	struct uuid id, user, organization, project;
	int64_t disabled, created_at;
	unsigned found;
};

static void
member_show(void *arg)
{
	struct member_row *r = arg;
	char id[UUID_TEXT_SIZE];
	const char *cells[] = { r->organization_name, r->email, r->role,
		r->disabled ? "disabled" : "enabled", format_stamp(r->c->mem, r->created_at),
		arena_strdup(r->c->mem, uuid_format(&r->project, id)) };

	r->found++;
	table_row(r->table, cells);
}

/* Of the organization of a project, or with an address, or both; each NULL: any. */
static enum db_rc
each_member(struct member_row *r, const struct uuid *project, const char *email)
{
	static const char *const headings[] = { "ORGANIZATION", "EMAIL", "ROLE", "LOGIN", "SINCE",
		"PROJECT", NULL };

	r->table = table_new(r->c->mem, headings);
	return db_each(r->c->db,
	    SQL_IN(membership_list_all, .project = db_uuid(project), .email = db_text(email)),
	    SQL_OUT(membership_list_all, .id = db_get_uuid(&r->id),
		.user_id = db_get_uuid(&r->user), .organization_id = db_get_uuid(&r->organization),
		.organization = db_get_text(&r->organization_name),
		.project_id = db_get_uuid(&r->project), .email = db_get_text(&r->email),
		.role = db_get_text(&r->role), .disabled = db_get_int(&r->disabled),
		.created_at = db_get_time(&r->created_at)),
	    member_show, r);
}

int
members_list(struct ctl *c, int argc, char **argv)
{
	const char *text = NULL;
	const struct args_option options[] = { { .name = "--project", .value = &text } };
	struct member_row r = { .c = c };
	struct uuid project;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0))
		return CTL_USAGE;
	if (text != NULL && ctl_project(c, text, &project, NULL) != CTL_OK)
		return CTL_FAILED;
	rc = each_member(&r, text != NULL ? &project : NULL, NULL);
	if (rc != DB_OK)
		return ctl_db_fail("listing the members", rc);
	table_print(r.table, "no members");
	return CTL_OK;
}

/* Finds the only member that is meant. */
static int
find_member(struct member_row *r, const char *email, const char *project_text)
{
	struct uuid project;
	enum db_rc rc;

	if ((email = users_email(r->c, email)) == NULL)
		return CTL_FAILED;
	if (project_text != NULL && ctl_project(r->c, project_text, &project, NULL) != CTL_OK)
		return CTL_FAILED;
	rc = each_member(r, project_text != NULL ? &project : NULL, email);
	if (rc != DB_OK)
		return ctl_db_fail("finding the member", rc);
	if (r->found == 1)
		return CTL_OK;
	if (r->found == 0)
		return ctl_fail("%s is no member of %s; `pintempo member list` lists all", email,
		    project_text != NULL ? "that project's organization" : "any organization");
	table_print(r->table, "");
	return ctl_fail("%s is a member of several organizations; say which with --project", email);
}

static enum db_rc
write_member_role(struct db *db, void *arg)
{
	struct member_row *r = arg;
	struct store_member m = { .organization = r->organization,
		.id = r->id,
		.project = r->project,
		.by = ctl_actor() };
	enum db_rc rc = store_member_hold(db, &r->organization);

	r->was = NULL;
	if (rc == DB_OK)
		rc = db_row(db,
		    SQL_IN(membership_get, .id = db_uuid(&m.id),
			.organization = db_uuid(&m.organization)),
		    SQL_OUT(membership_get, .user_id = db_get_uuid(&m.user),
			.role = db_get_text(&m.role)));
	if (rc != DB_OK)
		return rc;
	r->was = m.role;
	return store_member_role(db, &m, r->wanted);
}

int
members_role(struct ctl *c, int argc, char **argv)
{
	const char *plain[2] = { NULL, NULL }, *project = NULL;
	const struct args_option options[] = { { .name = "--project", .value = &project } };
	struct member_row r = { .c = c };
	enum db_rc rc;
	int result;

	if (!args_parse(argc, argv, options, DB_LEN(options), plain, 2) || plain[1] == NULL)
		return CTL_USAGE;
	r.wanted = role_read(plain[1], c->mem);
	if (r.wanted == NULL)
		return ctl_fail("%s: no role; there are %s", plain[1], role_names(c->mem));
	result = find_member(&r, plain[0], project);
	if (result != CTL_OK)
		return result;
	rc = db_transact(c->db, write_member_role, &r);
	if (rc == DB_NONE && r.was != NULL)
		return ctl_fail("%s is the only owner of %s who can log in; make somebody else an "
				"owner first",
		    r.email, r.organization_name);
	if (rc == DB_NONE)
		return ctl_fail("%s is no member any more", r.email);
	if (rc != DB_OK)
		return ctl_db_fail("saving the role", rc);
	if (strcmp(r.was, r.wanted) == 0)
		printf("member   %s  is %s already\n", r.email, r.wanted);
	else
		printf("member   %s  is %s now; was %s\n", r.email, r.wanted, r.was);
	return CTL_OK;
}

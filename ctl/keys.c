/* API keys of all projects. Their texts are not stored, so a key is named by its id. */
#include "ctl/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/table.h"
#include "ctl/users.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "sql/stmt.h"
#include "sql/store.h"

/* A key or a project, as a row of a list. */
struct key_row {
	struct ctl *c;
	struct table *table;
	struct uuid id, project;
	const char *name, *email, *organization, *owners;
	int64_t scopes, limited, environment, accounts, api_keys;
	int64_t last_used_at, created_at, revoked_at, paused_at, now;
};

static const char *
id_text(struct key_row *r, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];

	return arena_strdup(r->c->mem, uuid_format(id, text));
}

static const char *
project_text(const struct key_row *r, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];

	return arena_strdup(r->c->mem, uuid_format_project(id, text));
}

static const char *
scope_names(struct key_row *r)
{
	static const char *const names[] = { "read", "write", "destructive" };
	const char *text = "";
	size_t i;

	for (i = 0; i < DB_LEN(names); i++)
		if ((r->scopes & (1 << i)) != 0)
			text = arena_printf(
			    r->c->mem, "%s%s%s", text, *text != '\0' ? "," : "", names[i]);
	return text;
}

static void
key_show(void *arg)
{
	struct key_row *r = arg;
	const char *state =
	    r->revoked_at != TIME_NONE     ? arena_printf(r->c->mem, "revoked %s",
						 format_distance(r->c->mem, r->revoked_at, r->now))
	    : r->last_used_at != TIME_NONE ? format_distance(r->c->mem, r->last_used_at, r->now)
					   : "never";
	const char *cells[] = { id_text(r, &r->id), project_text(r, &r->project), scope_names(r),
		r->limited ? "some" : "all", state, format_stamp(r->c->mem, r->created_at),
		r->email != NULL ? r->email : "pintempo", r->name };

	table_row(r->table, cells);
}

/* NULL: of all projects, by anybody. */
static enum db_rc
print_keys(struct ctl *c, const struct uuid *project, const char *email, bool all)
{
	static const char *const headings[] = { "ID", "PROJECT", "SCOPES", "ACCOUNTS", "USED",
		"CREATED", "BY", "NAME", NULL };
	struct key_row r = { .c = c, .table = table_new(c->mem, headings) };
	enum db_rc rc = db_now(c->db, &r.now);

	if (rc == DB_OK)
		rc = db_each(c->db,
		    SQL_IN(api_key_list_all, .project = db_uuid(project), .email = db_text(email),
			.revoked = db_int(all)),
		    SQL_OUT(api_key_list_all, .id = db_get_uuid(&r.id),
			.project_id = db_get_uuid(&r.project), .name = db_get_text(&r.name),
			.scopes = db_get_int(&r.scopes), .limited = db_get_int(&r.limited),
			.email = db_get_text(&r.email),
			.last_used_at = db_get_time(&r.last_used_at),
			.created_at = db_get_time(&r.created_at),
			.revoked_at = db_get_time(&r.revoked_at)),
		    key_show, &r);
	if (rc == DB_OK)
		table_print(r.table, "no keys");
	return rc;
}

int
keys_list(struct ctl *c, int argc, char **argv)
{
	const char *project = NULL, *email = NULL;
	bool all = false;
	const struct args_option options[] = { { .name = "--project", .value = &project },
		{ .name = "--user", .value = &email }, { .name = "--all", .on = &all } };
	struct uuid id;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0))
		return CTL_USAGE;
	if (email != NULL && (email = users_email(c, email)) == NULL)
		return CTL_FAILED;
	if (project != NULL && ctl_project(c, project, &id, NULL) != CTL_OK)
		return CTL_FAILED;
	rc = print_keys(c, project != NULL ? &id : NULL, email, all);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("listing the keys", rc);
}

enum db_rc
keys_print_of_user(struct ctl *c, const char *email)
{
	return print_keys(c, NULL, email, false);
}

/* A key that is to be revoked. */
struct key_end {
	struct uuid id, project;
	const char *name;
	int64_t revoked_at;
};

static enum db_rc
key_revoke_one(struct db *db, const struct key_end *k)
{
	const struct activity a = { .action = ACTIVITY_API_KEY_REVOKED,
		.resource_id = k->id,
		.message = "API key revoked by the operator." };
	enum db_rc rc = db_exec(db, SQL_IN(api_key_revoke_operator, .id = db_uuid(&k->id)), NULL);

	return rc == DB_OK ? store_activity(db, &k->project, ctl_actor(), &a) : rc;
}

static enum db_rc
write_key_end(struct db *db, void *arg)
{
	return key_revoke_one(db, arg);
}

/* By id, or by its text, as it may have been found where it should not be. */
static int
key_find(struct ctl *c, const char *text, struct key_end *k)
{
	bool is_key = strncmp(text, "pb_", 3) == 0;
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc;

	crypto_sha256(text, strlen(text), hash);
	if (!is_key && uuid_parse(text, &k->id) != 0)
		return ctl_fail(
		    "%s: neither a key nor the id of one; `pintempo key list` lists them", text);
	rc = db_row(c->db,
	    SQL_IN(api_key_find, .id = db_uuid(is_key ? NULL : &k->id),
		.hash = db_bytes(is_key ? hash : NULL, sizeof(hash))),
	    SQL_OUT(api_key_find, .id = db_get_uuid(&k->id), .project_id = db_get_uuid(&k->project),
		.name = db_get_text(&k->name), .revoked_at = db_get_time(&k->revoked_at)));
	if (rc == DB_NONE)
		return ctl_fail("there is no such key; `pintempo key list` lists them");
	return rc == DB_OK ? CTL_OK : ctl_db_fail("finding the key", rc);
}

int
keys_revoke(struct ctl *c, int argc, char **argv)
{
	struct key_end k = { .name = NULL };
	const char *text = NULL;
	char id[UUID_TEXT_SIZE];
	enum db_rc rc = DB_NONE;
	int result;

	if (!args_parse(argc, argv, NULL, 0, &text, 1) || text == NULL)
		return CTL_USAGE;
	result = key_find(c, text, &k);
	if (result != CTL_OK)
		return result;
	if (k.revoked_at == TIME_NONE)
		rc = db_transact(c->db, write_key_end, &k);
	if (rc != DB_OK && rc != DB_NONE)
		return ctl_db_fail("revoking the key", rc);
	printf("key      %s  \"%s\" %srevoked\n", uuid_format(&k.id, id), k.name,
	    rc == DB_NONE ? "already " : "");
	return CTL_OK;
}

#define KEYS_MOST 1000

/* The keys of a user, noted before they are revoked. */
struct key_notes {
	struct key_end *list, row;
	size_t len;
};

static void
note_users_key(void *arg)
{
	struct key_notes *n = arg;

	if (n->len < KEYS_MOST)
		n->list[n->len++] = n->row;
}

enum db_rc
keys_revoke_of_user(struct db *db, const struct uuid *user, uint64_t *revoked)
{
	struct key_notes n = { .list = arena_alloc(db_mem(db), KEYS_MOST * sizeof(*n.list)) };
	enum db_rc rc;
	size_t i;

	*revoked = 0;
	do {
		n.len = 0;
		rc = db_each(db, SQL_IN(api_key_of_user, .user = db_uuid(user)),
		    SQL_OUT(api_key_of_user, .id = db_get_uuid(&n.row.id),
			.project_id = db_get_uuid(&n.row.project)),
		    note_users_key, &n);
		for (i = 0; i < n.len && rc == DB_OK; i++) {
			rc = key_revoke_one(db, &n.list[i]);
			*revoked += rc == DB_OK;
			if (rc == DB_NONE)
				rc = DB_OK;
		}
	} while (rc == DB_OK && n.len == KEYS_MOST);
	return rc;
}

static void
project_show(void *arg)
{
	struct key_row *r = arg;
	const char *cells[] = { project_text(r, &r->id), format_environment(r->environment),
		r->paused_at != TIME_NONE ? "paused" : "active",
		arena_printf(r->c->mem, "%" PRId64, r->accounts),
		arena_printf(r->c->mem, "%" PRId64, r->api_keys), r->name, r->organization,
		r->owners };

	table_row(r->table, cells);
}

int
keys_list_projects(struct ctl *c, int argc, char **argv)
{
	static const char *const headings[] = { "ID", "ENVIRONMENT", "STATE", "ACCOUNTS", "KEYS",
		"NAME", "ORGANIZATION", "OWNERS", NULL };
	struct key_row r = { .c = c, .table = table_new(c->mem, headings) };
	enum db_rc rc;

	(void)argc;
	(void)argv;
	rc = db_each(c->db, SQL_IN(project_list_all),
	    SQL_OUT(project_list_all, .id = db_get_uuid(&r.id), .name = db_get_text(&r.name),
		.environment = db_get_int(&r.environment),
		.organization = db_get_text(&r.organization),
		.paused_at = db_get_time(&r.paused_at), .accounts = db_get_int(&r.accounts),
		.api_keys = db_get_int(&r.api_keys), .owners = db_get_text(&r.owners)),
	    project_show, &r);
	if (rc != DB_OK)
		return ctl_db_fail("listing the projects", rc);
	table_print(r.table, "no projects yet: pintempo user add EMAIL");
	return CTL_OK;
}

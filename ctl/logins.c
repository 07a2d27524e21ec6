/*
 * Who may log in. Invariant: what takes a login away writes the user's row before it deletes the
 * sessions, and a login writes the row before it makes one, so that none is left over.
 */
#include "ctl/logins.h"

#include <inttypes.h>
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/keys.h"
#include "ctl/password.h"
#include "ctl/table.h"
#include "ctl/users.h"
#include "sql/stmt.h"

/* A user as the command line names one, and what is to be changed. */
struct login {
	struct ctl *c;
	const char *email, *password_file;
	struct uuid id;
	int64_t disabled, sessions, api_keys;
	bool disable, sole_owner_too, keys_too;
	char hash[PASSWORD_HASH_SIZE];
	uint64_t ended, revoked; /* sessions and keys */
};

/* Reads the arguments and finds the user. CTL_OK, CTL_USAGE, or CTL_FAILED after a message. */
static int
login_find(struct ctl *c, int argc, char **argv, const struct args_option *options, size_t len,
    struct login *l)
{
	const char *email = NULL;
	enum db_rc rc;

	if (!args_parse(argc, argv, options, len, &email, 1) || email == NULL)
		return CTL_USAGE;
	l->c = c;
	l->email = users_email(c, email);
	if (l->email == NULL)
		return CTL_FAILED;
	rc = db_row(c->db, SQL_IN(user_find, .email = db_text(l->email)),
	    SQL_OUT(user_find, .id = db_get_uuid(&l->id), .disabled = db_get_int(&l->disabled),
		.sessions = db_get_int(&l->sessions), .api_keys = db_get_int(&l->api_keys)));
	if (rc == DB_NONE)
		return ctl_fail("there is no user %s; `pintempo user list` lists them", l->email);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("finding the user", rc);
}

static enum db_rc
delete_sessions(struct db *db, struct login *l)
{
	return db_exec_any(db, SQL_IN(session_delete_of_user, .user = db_uuid(&l->id)), &l->ended);
}

static enum db_rc
write_new_password(struct db *db, void *arg)
{
	struct login *l = arg;
	enum db_rc rc = db_exec(
	    db, SQL_IN(user_set_password, .user = db_uuid(&l->id), .hash = db_text(l->hash)), NULL);

	return rc == DB_OK ? delete_sessions(db, l) : rc;
}

int
logins_password(struct ctl *c, int argc, char **argv)
{
	struct login l = { .email = NULL };
	const struct args_option options[] = { { .name = "--password-file",
	    .value = &l.password_file } };
	int result = login_find(c, argc, argv, options, DB_LEN(options), &l);
	enum db_rc rc;

	if (result != CTL_OK)
		return result;
	if (!password_new(l.password_file, l.email, l.hash))
		return CTL_FAILED;
	rc = db_transact(c->db, write_new_password, &l);
	if (rc != DB_OK)
		return ctl_db_fail("saving the password", rc);
	printf("user     %s  has a new password; sessions ended: %" PRIu64 "\n", l.email, l.ended);
	if (l.disabled)
		printf(
		    "user     %s  is still disabled: pintempo user enable %s\n", l.email, l.email);
	return CTL_OK;
}

/* One row of a list being printed. */
struct login_row {
	struct ctl *c;
	struct table *table;
	struct uuid id;
	const char *email, *name, *organizations;
	int64_t disabled, sessions, created_at;
};

static void
login_show(void *arg)
{
	struct login_row *r = arg;
	char id[UUID_TEXT_SIZE];
	const char *state = r->disabled ? "disabled" : "enabled";
	const char *cells[] = { arena_strdup(r->c->mem, uuid_format(&r->id, id)), r->email, state,
		arena_printf(r->c->mem, "%" PRId64, r->sessions),
		format_stamp(r->c->mem, r->created_at), r->name, r->organizations };

	table_row(r->table, cells);
}

int
logins_list(struct ctl *c, int argc, char **argv)
{
	static const char *const headings[] = { "ID", "EMAIL", "LOGIN", "SESSIONS", "CREATED",
		"NAME", "ORGANIZATIONS", NULL };
	struct login_row r = { .c = c, .table = table_new(c->mem, headings) };
	enum db_rc rc;

	(void)argv;
	(void)argc;
	rc = db_each(c->db, SQL_IN(user_list),
	    SQL_OUT(user_list, .id = db_get_uuid(&r.id), .email = db_get_text(&r.email),
		.full_name = db_get_text(&r.name), .disabled = db_get_int(&r.disabled),
		.sessions = db_get_int(&r.sessions), .organizations = db_get_text(&r.organizations),
		.created_at = db_get_time(&r.created_at)),
	    login_show, &r);
	if (rc != DB_OK)
		return ctl_db_fail("listing the users", rc);
	table_print(r.table, "no users yet: pintempo user add EMAIL");
	return CTL_OK;
}

/* An organization that nobody could administrate. */
struct orphan {
	const char *name;
	int64_t projects;
	unsigned total;
};

static void
orphan_show(void *arg)
{
	struct orphan *o = arg;

	if (o->total++ == 0)
		fputs("pintempo: nobody else could administrate, as there is no other owner:\n",
		    stderr);
	fprintf(stderr, "  %s (projects: %" PRId64 ")\n", o->name, o->projects);
}

static int
refuse_sole_owner(const struct login *l)
{
	struct orphan o = { .name = NULL };
	enum db_rc rc = db_each(l->c->db, SQL_IN(user_sole_owner, .user = db_uuid(&l->id)),
	    SQL_OUT(
		user_sole_owner, .name = db_get_text(&o.name), .projects = db_get_int(&o.projects)),
	    orphan_show, &o);

	if (rc != DB_OK)
		return ctl_db_fail("looking for other owners", rc);
	if (o.total == 0)
		return CTL_OK;
	fprintf(stderr,
	    "  What is planned there would still be published. If that is meant:\n"
	    "  pintempo user disable %s --sole-owner\n",
	    l->email);
	return CTL_FAILED;
}

static enum db_rc
write_disabled(struct db *db, void *arg)
{
	struct login *l = arg;
	enum db_rc rc = db_exec(db,
	    SQL_IN(user_set_disabled, .user = db_uuid(&l->id), .disabled = db_int(l->disable)),
	    NULL);

	if (rc == DB_OK)
		rc = delete_sessions(db, l);
	if (rc == DB_OK && l->keys_too)
		rc = keys_revoke_of_user(db, &l->id, &l->revoked);
	return rc;
}

int
logins_disable(struct ctl *c, int argc, char **argv)
{
	struct login l = { .disable = true };
	const struct args_option options[] = { { .name = "--sole-owner", .on = &l.sole_owner_too },
		{ .name = "--keys", .on = &l.keys_too } };
	int result = login_find(c, argc, argv, options, DB_LEN(options), &l);
	enum db_rc rc;

	if (result == CTL_OK && !l.sole_owner_too && !l.disabled)
		result = refuse_sole_owner(&l);
	if (result != CTL_OK)
		return result;
	rc = db_transact(c->db, write_disabled, &l);
	if (rc != DB_OK)
		return ctl_db_fail("disabling the user", rc);
	printf("user     %s  %sdisabled: cannot log in; sessions ended: %" PRIu64 "\n", l.email,
	    l.disabled ? "already " : "", l.ended);
	if (l.keys_too)
		printf("keys     revoked: %" PRIu64 "\n", l.revoked);
	if (l.keys_too || l.api_keys == 0)
		return CTL_OK;
	printf("keys     %" PRId64 " that this user made belong to projects and still work: "
	       "pintempo key revoke ID, or user disable %s --keys\n",
	    l.api_keys, l.email);
	rc = keys_print_of_user(c, l.email);
	return rc == DB_OK ? CTL_OK : ctl_db_fail("listing the keys", rc);
}

int
logins_enable(struct ctl *c, int argc, char **argv)
{
	struct login l = { .disable = false };
	int result = login_find(c, argc, argv, NULL, 0, &l);
	enum db_rc rc;

	if (result != CTL_OK)
		return result;
	rc = l.disabled ? db_transact(c->db, write_disabled, &l) : DB_OK;
	if (rc != DB_OK)
		return ctl_db_fail("enabling the user", rc);
	printf("user     %s  %senabled: can log in\n", l.email, l.disabled ? "" : "already ");
	return CTL_OK;
}

int
logins_end_sessions(struct ctl *c, int argc, char **argv)
{
	struct login l = { .email = NULL };
	int result = login_find(c, argc, argv, NULL, 0, &l);
	enum db_rc rc;

	if (result != CTL_OK)
		return result;
	rc = delete_sessions(c->db, &l);
	if (rc != DB_OK)
		return ctl_db_fail("ending the sessions", rc);
	printf("sessions of %s  ended: %" PRIu64 "; API keys still work\n", l.email, l.ended);
	return CTL_OK;
}

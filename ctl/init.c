/*
 * `pintempo init` creates secrets, databases, schema, the instance key, database users and the
 * first owner, in this order. Each step leaves alone what exists. Connects as the migrate user, the
 * only one that may change the schema.
 */
#include "ctl/init.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/draft.h"
#include "ctl/grants.h"
#include "ctl/init_key.h"
#include "ctl/users.h"
#include "ctl/secrets.h"
#include "ctl/args.h"
#include "sql/sandbox_stmt.h"
#include "sql/stmt.h"
#include "sql/store.h"

#define MIGRATE_TIMEOUT_S 3600
#define SCRIPT_MAX (256 * 1024)
#define TABLES_MAX 200

struct init_options {
	const char *owner, *password_file;
	bool replace_key;
};

struct names {
	struct arena *mem;
	const char *list[TABLES_MAX];
	size_t len;
	const char *name;
};

static struct db_conf
migrate_conf(const struct ctl *c, const char *database)
{
	struct db_conf conf = c->conf->db_migrate;

	conf.database = database;
	conf.timeout_s = MIGRATE_TIMEOUT_S;
	return conf;
}

static bool
plain_name(const char *name)
{
	return name[0] != '\0' && strlen(name) <= 64 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
		   strlen(name);
}

/* The first step that connects to the server. */
static int
create_database(struct ctl *c, const char *name)
{
	struct db_conf conf = migrate_conf(c, NULL);
	struct db *db = db_open(&conf, NULL, 0, DB_USER_CTL);
	const char *why;
	char sql[256];
	int64_t there = 0;
	int rc = CTL_OK;

	snprintf(sql, sizeof(sql),
	    "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '%s'", name);
	if (!plain_name(name)) {
		rc = ctl_fail("database name \"%s\": letters, digits and _ only", name);
	} else if (db_check(db, -1, &why) != DB_OK || db_ask(db, sql, &there, &why) != DB_OK) {
		rc = ctl_fail("%s", why);
	} else if (there == 0) {
		snprintf(sql, sizeof(sql), "CREATE DATABASE `%s` CHARACTER SET utf8mb4", name);
		if (db_script(db, sql, &why) == DB_OK)
			printf("database %s  created\n", name);
		else
			rc = ctl_fail("creating database %s: %s; create it by hand, or set "
				      "[database] migrate_user to a user that may create it",
			    name, why);
	}
	db_close(db);
	return rc;
}

static int
migrate_one(struct ctl *c, const char *name, enum db_rc (*run)(struct db *, const char **))
{
	struct db_conf conf = migrate_conf(c, name);
	struct db *db = db_open(&conf, NULL, 0, DB_USER_CTL);
	const char *why;
	int rc = CTL_OK;

	if (db_check(db, -1, &why) != DB_OK || run(db, &why) != DB_OK)
		rc = ctl_fail("database %s: %s", name, why);
	else
		printf("schema   %s  up to date\n", name);
	db_close(db);
	return rc;
}

int
init_migrate(struct ctl *c, int argc, char **argv)
{
	int rc;

	(void)argv;
	if (argc > 0)
		return CTL_USAGE;
	rc = migrate_one(c, c->conf->database_name, store_migrate);
	if (rc == CTL_OK && c->conf->sandbox_database_name != NULL)
		rc = migrate_one(c, c->conf->sandbox_database_name, store_migrate_sandbox);
	return rc;
}

static void
note_table(void *arg)
{
	struct names *n = arg;

	if (n->len < TABLES_MAX && plain_name(n->name))
		n->list[n->len++] = n->name;
}

static int
rights_grant(struct ctl *c, const struct grants_user *user)
{
	struct grants_user with_names = *user, *u = &with_names;
	struct names n = { .mem = c->mem };
	struct buf script;
	const char *why;
	int rc = CTL_OK;

	if (db_each(c->db, SQL_IN(table_list, .database = db_text(u->database)),
		SQL_OUT(table_list, .table_name = db_get_text(&n.name)), note_table, &n) != DB_OK)
		return ctl_fail("listing the tables of %s failed", u->database);
	u->names = n.list;
	u->names_len = n.len;
	buf_init(&script, SCRIPT_MAX);
	if (grants_login(u, &script) != 0 || grants_script(u, &script) != 0)
		rc = ctl_fail("the grants for %s are too long", u->conf->user);
	else if (db_script(c->db, buf_str(&script), &why) != DB_OK)
		rc =
		    ctl_fail("database user %s: %s; run init as a [database] migrate_user that may "
			     "create users and has the right to GRANT",
			u->conf->user, why);
	else
		printf("user     %s  has the rights its program needs\n", u->conf->user);
	buf_free(&script);
	return rc;
}

/* A program that logs in as the migrate user itself needs nothing. */
static int
create_users(struct ctl *c)
{
	struct conf *f = c->conf;
	struct grants_user users[] = {
		{ .program = DB_USER_APP, .conf = &f->db_app },
		{ .program = DB_USER_WORKER, .conf = &f->db_worker },
		{ .program = DB_USER_CTL, .conf = &f->db_ctl },
		{ .program = DB_USER_SANDBOX, .conf = &f->db_sandbox },
	};
	const char *admin = f->db_migrate.user;
	size_t i;
	int rc = CTL_OK;

	for (i = 0; i < DB_LEN(users) && rc == CTL_OK; i++) {
		bool sandbox = users[i].program == DB_USER_SANDBOX;

		users[i].table = sandbox ? sql_sandbox_stmts : sql_stmts;
		users[i].table_len = sandbox ? SBX__COUNT : SQL__COUNT;
		users[i].database = sandbox ? f->sandbox_database_name : f->database_name;
		if (users[i].database == NULL || strcmp(users[i].conf->user, admin) == 0)
			continue;
		rc = rights_grant(c, &users[i]);
	}
	return rc;
}

static int
load_conf(struct ctl *c)
{
	if (secrets_create(c) != 0)
		return CTL_FAILED;
	c->conf = conf_load(c->conf_path, stderr);
	return c->conf != NULL ? CTL_OK : CTL_FAILED;
}

/* The schema exists now, so the migrate user can run the command's prepared statements. */
static int
init_finish(struct ctl *c, const struct init_options *o)
{
	struct db_conf conf = migrate_conf(c, c->conf->database_name);
	const char *why;
	int rc;

	c->db = db_open(&conf, sql_stmts, SQL__COUNT, DB_USER_CTL);
	db_use(c->db, c->mem);
	if (db_check(c->db, SCHEMA_VERSION, &why) != DB_OK)
		rc = ctl_fail("%s", why);
	else
		rc = init_key_settle(c, o->replace_key);
	if (rc == CTL_OK)
		rc = create_users(c);
	if (rc == CTL_OK && o->owner != NULL)
		rc = users_first_owner(c, o->owner, o->password_file);
	db_close(c->db);
	c->db = NULL;
	return rc;
}

int
init_run(struct ctl *c, int argc, char **argv)
{
	struct draft d = { 0 };
	struct init_options o = { .owner = NULL };
	const struct args_option options[] = { { .name = "--owner", .value = &o.owner },
		{ .name = "--url", .value = &d.url }, { .name = "--socket", .value = &d.socket },
		{ .name = "--password-file", .value = &o.password_file },
		{ .name = "--replace-key", .on = &o.replace_key } };
	int rc;

	if (!args_parse(argc, argv, options, DB_LEN(options), NULL, 0))
		return CTL_USAGE;
	rc = draft_write(c, &d);
	if (rc == CTL_OK)
		rc = load_conf(c);
	if (rc == CTL_OK)
		rc = create_database(c, c->conf->database_name);
	if (rc == CTL_OK && c->conf->sandbox_database_name != NULL)
		rc = create_database(c, c->conf->sandbox_database_name);
	if (rc == CTL_OK)
		rc = init_migrate(c, 0, NULL);
	return rc == CTL_OK ? init_finish(c, &o) : rc;
}

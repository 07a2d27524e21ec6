/* Checks of the database: as each program sees it, with no right missing and none too many. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/check.h"
#include "ctl/ctl.h"
#include "ctl/grants.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/keyring.h"
#include "sql/instance_key.h"
#include "sql/sandbox_stmt.h"
#include "sql/stmt.h"
#include "sql/store.h"

#define CLOCK_MOST_US (5 * US_PER_S)
#define LIST_MOST 8

/* One program and its database user. */
struct login_check {
	struct checks *k;
	const char *subject, *setting; /* "database app", "app_password_file" */
	struct grants_user user;
	int schema;
	bool shared; /* several programs use this user: no least privilege */
	/* A right that the user has. */
	const char *right, *schema_name, *table;
	const char *more; /* those that the program does not need, comma-separated */
	unsigned more_len;
};

static bool
right_needed(const struct login_check *l)
{
	static const char *const names[] = { "SELECT", "INSERT", "UPDATE", "DELETE" };
	size_t i;

	if (l->table[0] == '\0' || strcmp(l->schema_name, l->user.database) != 0)
		return false;
	for (i = 0; i < DB_LEN(names); i++)
		if (strcmp(l->right, names[i]) == 0)
			return (grants_needed(&l->user, l->table) & 1u << i) != 0;
	return false;
}

static void
note_right(void *arg)
{
	struct login_check *l = arg;

	if (right_needed(l) || l->more_len++ >= LIST_MOST)
		return;
	l->more = arena_printf(l->k->mem, "%s%s%s on %s%s%s", l->more != NULL ? l->more : "",
	    l->more != NULL ? ", " : "", l->right, l->schema_name[0] != '\0' ? l->schema_name : "*",
	    l->table[0] != '\0' ? "." : ".*", l->table);
}

/* Asks as that user, who sees no one else's rights, by a statement of this command. */
static void
check_rights(struct login_check *l)
{
	struct db *db = db_open(l->user.conf, sql_stmts, SQL__COUNT, DB_USER_CTL);
	enum db_rc rc;

	db_use(db, l->k->mem);
	rc = db_each(db, SQL_IN(user_rights),
	    SQL_OUT(user_rights, .privilege_type = db_get_text(&l->right),
		.schema_name = db_get_text(&l->schema_name), .table_name = db_get_text(&l->table)),
	    note_right, l);
	db_close(db);
	if (rc == DB_OK && l->more != NULL)
		check_fault(l->k, CHECK_DB_RIGHTS_MORE,
		    l->more_len <= LIST_MOST ? l->more
					     : arena_printf(l->k->mem, "%s and %u more", l->more,
						   l->more_len - LIST_MOST));
}

/* Each thread of the application has a connection. */
static void
check_connections(const struct login_check *l, struct db *db)
{
	const char *why;
	int64_t most;

	if (l->user.program == DB_USER_APP &&
	    db_ask(db,
		"SELECT IF(@@max_user_connections > 0, @@max_user_connections, @@max_connections)",
		&most, &why) == DB_OK &&
	    most < l->k->conf->threads)
		check_fault(l->k, CHECK_DB_CONNECTIONS,
		    arena_printf(
			l->k->mem, "%" PRId64 ", threads = %" PRId64, most, l->k->conf->threads));
}

/* The first fault of this user's database; CHECK__COUNT: the program can work with it. */
static enum check_fault
login_fault(const struct login_check *l, struct db *db, const char **why)
{
	struct db *whole;
	enum db_rc rc = db_check(db, -1, why);

	if (rc != DB_OK)
		return rc == DB_FAIL ? CHECK_DB_SERVER : CHECK_DB_ACCESS;
	if (db_check(db, l->schema, why) != DB_OK)
		return CHECK_DB_SCHEMA;
	whole = db_open(l->user.conf, l->user.table, l->user.table_len, l->user.program);
	db_use(whole, l->k->mem);
	rc = db_check(whole, l->schema, why);
	*why = arena_strdup(l->k->mem, rc != DB_OK ? *why : "");
	db_close(whole);
	return rc != DB_OK ? CHECK_DB_RIGHTS_MISSING : CHECK__COUNT;
}

/* True: the program can work with the database. */
static bool
login_fits(const struct login_check *l)
{
	struct db *db = db_open(l->user.conf, NULL, 0, l->user.program);
	const char *why = "";
	enum check_fault fault;

	db_use(db, l->k->mem);
	fault = login_fault(l, db, &why);
	if (fault != CHECK__COUNT)
		check_fault(l->k, fault, why);
	else
		check_connections(l, db);
	db_close(db);
	return fault == CHECK__COUNT;
}

static void
check_login(struct checks *k, struct login_check *l)
{
	const struct db_conf *conf = l->user.conf;
	const char *password = conf_setting(k->conf, "database", l->setting);

	l->k = k;
	check_begin(k, l->subject,
	    arena_printf(k->mem, "%s in %s, schema %d%s", conf->user, conf->database, l->schema,
		l->shared ? "; a user of several programs, so without least privilege" : ""));
	if (password != NULL && conf->password == NULL)
		check_fault(k, CHECK_DB_PASSWORD, password);
	else if (login_fits(l) && !l->shared)
		check_rights(l);
}

static bool
user_is_shared(const struct conf *f, const struct db_conf *mine)
{
	const struct db_conf *all[] = { &f->db_app, &f->db_worker, &f->db_ctl, &f->db_sandbox,
		&f->db_migrate };
	size_t i;

	for (i = 0; i < DB_LEN(all); i++) {
		if (all[i] == &f->db_sandbox && f->sandbox_database_name == NULL)
			continue;
		if (all[i] != mine && strcmp(all[i]->user, mine->user) == 0)
			return true;
	}
	return false;
}

static void
check_views(struct checks *k)
{
	const char *old = NULL, *why = NULL;

	check_begin(k, "views", "as this program needs them");
	if (store_views_check(k->db, &old, &why) != DB_OK)
		check_fault(k, CHECK_DB_ACCESS, why);
	else if (old != NULL)
		check_fault(k, CHECK_DB_VIEW, old);
}

static void
check_clock(struct checks *k)
{
	int64_t before = clock_wall_us(), now, ahead;

	if (db_now(k->db, &now) != DB_OK)
		return;
	ahead = now - (before + clock_wall_us()) / 2;
	k->db_ahead_us = ahead;
	check_begin(k, "clock",
	    arena_printf(
		k->mem, "the database's is %" PRId64 " ms ahead", (int64_t)(ahead / US_PER_MS)));
	if (ahead > CLOCK_MOST_US || ahead < -CLOCK_MOST_US)
		check_fault(k, CHECK_CLOCK_DB,
		    arena_printf(k->mem, "the database's is %" PRId64 " s ahead",
			(int64_t)(ahead / US_PER_S)));
}

void
check_databases(struct checks *k)
{
	const struct conf *f = k->conf;
	struct login_check all[] = {
		{ .subject = "database app",
		    .setting = "app_password_file",
		    .user = { .program = DB_USER_APP, .conf = &f->db_app } },
		{ .subject = "database worker",
		    .setting = "worker_password_file",
		    .user = { .program = DB_USER_WORKER, .conf = &f->db_worker } },
		{ .subject = "database sandbox",
		    .setting = "sandbox_password_file",
		    .user = { .program = DB_USER_SANDBOX, .conf = &f->db_sandbox } },
		{ .subject = "database ctl",
		    .setting = "ctl_password_file",
		    .user = { .program = DB_USER_CTL, .conf = &f->db_ctl } },
	};
	unsigned faults = 0;
	size_t i;

	for (i = 0; i < DB_LEN(all) && !k->offline; i++) {
		bool sandbox = all[i].user.program == DB_USER_SANDBOX;

		if (sandbox && f->sandbox_database_name == NULL)
			continue;
		all[i].user.table = sandbox ? sql_sandbox_stmts : sql_stmts;
		all[i].user.table_len = sandbox ? (size_t)SBX__COUNT : (size_t)SQL__COUNT;
		all[i].user.database = sandbox ? f->sandbox_database_name : f->database_name;
		all[i].schema = sandbox ? SANDBOX_SCHEMA_VERSION : SCHEMA_VERSION;
		all[i].shared = user_is_shared(f, all[i].user.conf);
		faults = k->faults + k->warnings;
		check_login(k, &all[i]);
	}
	/* The last one was the command's own. */
	if (k->offline || k->faults + k->warnings != faults)
		return;
	k->db = db_open(&f->db_ctl, sql_stmts, SQL__COUNT, DB_USER_CTL);
	db_use(k->db, k->mem);
	check_views(k);
	check_clock(k);
}

/* Sealed values that are opened one after the other. */
struct sealed {
	struct arena *mem;
	const struct keyring *keys;
	struct uuid id;
	const char *label;
	const void *bytes;
	size_t len;
	unsigned total, shut;
	const char *first; /* that does not open */
};

static void
open_sealed(void *arg)
{
	struct sealed *s = arg;
	char id[UUID_TEXT_SIZE];

	s->total++;
	if (keyring_open_text(s->keys, s->label, &s->id, s->bytes, s->len, s->mem) != NULL)
		return;
	if (s->shut++ == 0)
		s->first = arena_printf(s->mem, "%s of %s", s->label, uuid_format(&s->id, id));
}

static void
check_sealed(struct checks *k, const struct keyring *keys)
{
	struct sealed s = { .mem = k->mem, .keys = keys };
	enum db_rc rc = db_each(k->db, SQL_IN(sealed_list),
	    SQL_OUT(sealed_list, .id = db_get_uuid(&s.id), .label = db_get_text(&s.label),
		.sealed = db_get_bytes(&s.bytes, &s.len)),
	    open_sealed, &s);

	check_begin(k, "sealed values", arena_printf(k->mem, "all %u open", s.total));
	if (rc != DB_OK)
		check_fault(k, CHECK_DB_ACCESS, "the sealed values could not be read");
	else if (s.shut > 0)
		check_fault(k, CHECK_SEALED,
		    arena_printf(k->mem, "%u of %u, the first is %s", s.shut, s.total, s.first));
}

static void
check_key_known(struct checks *k, const struct keyring *keys)
{
	struct instance_key key;
	enum db_rc rc = instance_key_check(k->db, keys, true, &key);

	if (rc != DB_OK)
		check_fault(k, CHECK_DB_ACCESS, "the fingerprints could not be read");
	else if (key.state != INSTANCE_KEY_RIGHT)
		check_fault(k, CHECK_KEY_WRONG, instance_key_why(&key, k->conf->key_file, k->mem));
	else if (!key.known)
		check_fault(k, CHECK_KEY_UNKNOWN, k->conf->key_file);
	else
		check_sealed(k, keys);
}

void
check_keys(struct checks *k)
{
	char why[KEYRING_WHY_SIZE];
	struct keyring *keys = keyring_read(k->conf->key_file, why);

	check_begin(k, "instance key", k->conf->key_file);
	if (keys == NULL)
		check_fault(
		    k, CHECK_KEY_FILE, arena_printf(k->mem, "%s: %s", k->conf->key_file, why));
	else if (k->db != NULL)
		check_key_known(k, keys);
	keyring_free(keys);
}

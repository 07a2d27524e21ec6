/* Migrates into fresh databases and prepares every statement of both tables as each program does.
 */
#include "lib/db/db.h"

#include "sql/migrate.h"
#include "sql/sandbox_stmt.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "tests/tap.h"
#include "tests/with_db.h"

static const struct {
	enum db_user user;
	const char *name;
} users[] = {
	{ DB_USER_APP, "app" },
	{ DB_USER_WORKER, "worker" },
	{ DB_USER_CTL, "ctl" },
	{ DB_USER_SANDBOX, "sandbox" },
};

static int
last_version(const struct migration *table)
{
	int version = 0;

	for (; table->version != 0; table++)
		version = table->version;
	return version;
}

static void
migrate(struct db_conf *conf, enum db_rc (*run)(struct db *, const char **), const char *what)
{
	struct db *db = db_open(conf, NULL, 0, DB_USER_CTL);
	const char *why = NULL;

	if (!ok(run(db, &why) == DB_OK, "%s: migrates into an empty database", what))
		printf("# %s\n", why);
	if (!ok(run(db, &why) == DB_OK, "%s: migrating again changes nothing", what))
		printf("# %s\n", why);
	db_close(db);
}

/* One statement at a time, so that each refused one gets a separate line. */
static void
prepare_each(struct db_conf *conf, const struct db_stmt *table, size_t len, size_t who)
{
	const char *why;
	struct db *db;
	size_t i;

	for (i = 0; i < len; i++) {
		if ((table[i].users & (unsigned)users[who].user) == 0)
			continue;
		db = db_open(conf, &table[i], 1, users[who].user);
		if (db_check(db, last_version(table == sql_stmts ? sql_schema : sql_sandbox_schema),
			&why) != DB_OK)
			ok(false, "%s as %s: %s", table[i].name, users[who].name, why);
		db_close(db);
	}
}

static void
prepare_all(struct db_conf *conf, const struct db_stmt *table, size_t len)
{
	const char *why = NULL;
	struct db *db;
	size_t who;
	int version = last_version(table == sql_stmts ? sql_schema : sql_sandbox_schema);

	for (who = 0; who < DB_LEN(users); who++) {
		db = db_open(conf, table, len, users[who].user);
		if (!ok(db_check(db, version, &why) == DB_OK, "%s: every statement can be prepared",
			users[who].name))
			prepare_each(conf, table, len, who);
		db_close(db);
	}
}

static void
test_versions(struct db_conf *conf)
{
	struct db *db = db_open(conf, NULL, 0, DB_USER_CTL);
	const char *why = NULL;

	is_int(last_version(sql_schema), SCHEMA_VERSION, "SCHEMA_VERSION is the newest migration");
	is_int(db_check(db, SCHEMA_VERSION + 1, &why), DB_FAIL,
	    "a program newer than the schema is refused");
	ok(strstr(why, "pintempo migrate") != NULL, "a program newer than the schema says: %s",
	    why);
	is_int(db_check(db, SCHEMA_VERSION - 1, &why), DB_FAIL,
	    "a program older than the schema is refused");
	ok(strstr(why, "upgrade") != NULL, "a program older than the schema says: %s", why);
	db_close(db);
}

static int64_t
ask(struct db *db, const char *sql)
{
	const char *why = NULL;
	int64_t n = -1;

	if (db_ask(db, sql, &n, &why) != DB_OK)
		printf("# %s\n", why);
	return n;
}

/* A view is created again if and only if its text has changed. */
static void
test_views(struct db_conf *conf)
{
	const struct view changed[] = {
		{ "waiting", "CREATE OR REPLACE VIEW waiting AS SELECT 7 AS n" }, { NULL, NULL }
	};
	struct db *db = db_open(conf, NULL, 0, DB_USER_CTL);
	const char *why = NULL;

	is_int(ask(db, "SELECT COUNT(*) FROM schema_views"), 1, "the view is recorded");
	is_int(db_script(db, "UPDATE schema_views SET applied_at = '2000-01-01'", &why), DB_OK,
	    "the view's row is marked");
	is_int(store_migrate(db, &why), DB_OK, "migrating with unchanged views succeeds");
	is_int(ask(db, "SELECT COUNT(*) FROM schema_views WHERE applied_at = '2000-01-01'"), 1,
	    "an unchanged view is not created again");
	is_int(store_migrate_views(db, changed, &why), DB_OK,
	    "migrating with a changed view succeeds");
	is_int(ask(db, "SELECT n FROM waiting"), 7, "a changed view is created again");
	is_int(store_migrate(db, &why), DB_OK, "migrating back to the original view succeeds");
	is_int(ask(db, "SELECT COUNT(wait_code) FROM waiting"), 0, "the original view is restored");
	db_close(db);
}

/* Databases from before the first release are refused by migrations and programs. */
static void
test_pre_release(struct db_conf *conf)
{
	struct db *db = db_open(conf, NULL, 0, DB_USER_CTL);
	const char *why = NULL;

	is_int(db_script(db,
		   "CREATE TABLE schema_migrations (version INT); "
		   "INSERT INTO schema_migrations VALUES (1), (2), (3), (4), (5)",
		   &why),
	    DB_OK, "a pre-release database is created");
	is_int(store_migrate(db, &why), DB_FAIL, "a pre-release database is not migrated");
	ok(strstr(why, "pre-release") != NULL && strstr(why, "new, empty database") != NULL,
	    "says: %s", why);
	is_int(db_check(db, SCHEMA_VERSION, &why), DB_FAIL, "a pre-release database is not used");
	ok(strstr(why, "pre-release") != NULL, "says: %s", why);
	is_int(ask(db, "SELECT COUNT(*) FROM information_schema.tables "
		       "WHERE table_schema = DATABASE()"),
	    1, "nothing is created in a pre-release database");
	db_close(db);
}

int
main(int argc, char **argv)
{
	struct db_conf core, sandbox, old;

	(void)argc;
	with_db(argv);
	core = with_db_conf(with_db_fresh("prepare"));
	sandbox = with_db_conf(with_db_fresh("prepare_sandbox"));
	migrate(&core, store_migrate, "core");
	prepare_all(&core, sql_stmts, SQL__COUNT);
	test_versions(&core);
	test_views(&core);
	old = with_db_conf(with_db_fresh("prepare_old"));
	test_pre_release(&old);
	migrate(&sandbox, store_migrate_sandbox, "sandbox");
	if (sql_sandbox_schema[0].version != 0)
		prepare_all(&sandbox, sql_sandbox_stmts, SBX__COUNT);
	with_db_drop(core.database);
	with_db_drop(sandbox.database);
	with_db_drop(old.database);
	return tap_done();
}

/* Grants derived from statements: the parser, and that the grants suffice for each program. */
#include "ctl/grants.h"

#include "lib/buf.h"
#include "sql/sandbox_stmt.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "tests/tap.h"
#include "tests/with_db.h"

#define S GRANTS_SELECT
#define I GRANTS_INSERT
#define U GRANTS_UPDATE
#define D GRANTS_DELETE
#define TABLES_MAX 100

static const struct {
	const char *text;
	unsigned on_a, on_b;
} cases[] = {
	{ "SELECT x FROM a WHERE y = ?", S, 0 },
	{ "SELECT a FROM b", 0, S },
	{ "SELECT 1 FROM a x LEFT JOIN b y ON x.i = y.i", S, S },
	{ "INSERT INTO a (b) VALUES (?)", I, 0 },
	{ "INSERT IGNORE INTO a (x) SELECT x FROM b", I, S },
	{ "INSERT INTO a (x) VALUES (?) ON DUPLICATE KEY UPDATE b = x", I | U | S, 0 },
	{ "INSERT INTO a (x) VALUES (?) RETURNING x", I | S, 0 },
	{ "REPLACE INTO a (x) VALUES (?)", I | D, 0 },
	{ "UPDATE a SET b = ? WHERE x IN (SELECT x FROM b)", U | S, S },
	{ "UPDATE a SET x = ? WHERE EXISTS (SELECT 1 FROM a)", U | S, 0 },
	{ "DELETE FROM a WHERE x = ? AND y IN (SELECT y FROM b)", D | S, S },
	{ "DELETE FROM b WHERE x IN (SELECT x FROM a)", S, D | S },
	{ "DELETE a FROM a JOIN b ON a.x = b.x WHERE y = ?", D | S, D | S },
	{ "UPDATE a JOIN b ON a.x = b.x SET a.y = 1", U | S, U | S },
	{ "UPDATE a SET x = (SELECT y FROM b)", U | S, S },
	{ "delete from a where x = ?", D | S, 0 },
};

static void
test_reader(void)
{
	size_t i;

	for (i = 0; i < DB_LEN(cases); i++) {
		is_int(grants_of(cases[i].text, "a"), cases[i].on_a, cases[i].text);
		is_int(grants_of(cases[i].text, "b"), cases[i].on_b, cases[i].text);
	}
}

struct tables {
	const char *list[TABLES_MAX], *name;
	size_t len;
};

static void
note(void *arg)
{
	struct tables *t = arg;

	if (t->len < TABLES_MAX)
		t->list[t->len++] = t->name;
}

/* A user with the grants of `program`, with which its statements are prepared. */
static void
test_program(struct arena *mem, const char *database, enum db_user program, const char *name)
{
	bool sandbox = program == DB_USER_SANDBOX;
	struct db_conf admin = with_db_conf(NULL), conf = admin;
	struct tables t = { .len = 0 };
	struct grants_user u = { .program = program,
		.conf = &conf,
		.table = sandbox ? sql_sandbox_stmts : sql_stmts,
		.table_len = sandbox ? (size_t)SBX__COUNT : (size_t)SQL__COUNT,
		.database = database };
	const struct db_stmt list = { .name = "tables",
		.text = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?",
		.order = (const unsigned char[]){ 0 },
		.binds = 1,
		.params = 1,
		.users = DB_USER_CTL };
	const struct db_param in[] = { db_text(database) };
	struct db_col out[] = { db_get_text(&t.name) };
	struct buf script;
	const char *why = NULL;
	struct db *db;

	db = db_open(&admin, &list, 1, DB_USER_CTL);
	db_use(db, mem);
	conf.user = name;
	conf.password = "it's a \\ secret";
	conf.database = database;
	must(db_each(db, 0, in, 1, out, 1, note, &t));
	u.names = t.list;
	u.names_len = t.len;
	ok(t.len > 0, "%s: it uses tables", name);
	buf_init(&script, 1 << 20);
	is_int(grants_login(&u, &script) | grants_script(&u, &script), 0,
	    "the grant script is written");
	if (!ok(db_script(db, buf_str(&script), &why) == DB_OK,
		"the database accepts the grant script"))
		printf("# %s\n", why);
	buf_free(&script);
	db_close(db);
	db = db_open(&conf, u.table, u.table_len, program);
	if (!ok(db_check(db, sandbox ? -1 : SCHEMA_VERSION, &why) == DB_OK,
		"%s: its grants suffice for all its statements", name))
		printf("# %s\n", why);
	ok(db_script(db, "DROP TABLE schema_versions", &why) != DB_OK,
	    "%s: dropping a table is refused", name);
	db_close(db);
}

int
main(int argc, char **argv)
{
	struct arena *mem;
	struct db_conf conf;
	const char *core, *sandbox, *why = NULL;
	struct db *db;

	(void)argc;
	with_db(argv);
	mem = arena_new();
	test_reader();
	core = with_db_fresh("grants");
	sandbox = with_db_fresh("grants_sandbox");
	conf = with_db_conf(core);
	db = db_open(&conf, NULL, 0, DB_USER_CTL);
	is_int(store_migrate(db, &why), DB_OK, "the core schema is migrated");
	db_close(db);
	conf = with_db_conf(sandbox);
	db = db_open(&conf, NULL, 0, DB_USER_CTL);
	is_int(store_migrate_sandbox(db, &why), DB_OK, "the sandbox schema is migrated");
	db_close(db);
	test_program(mem, core, DB_USER_APP, "g_app");
	test_program(mem, core, DB_USER_WORKER, "g_worker");
	test_program(mem, core, DB_USER_CTL, "g_ctl");
	test_program(mem, sandbox, DB_USER_SANDBOX, "g_sandbox");
	with_db_drop(core);
	with_db_drop(sandbox);
	arena_free(mem);
	return tap_done();
}

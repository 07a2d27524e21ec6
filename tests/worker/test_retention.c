/* Which rows are kept and which deleted, for each table; in batches; no row still in use. */
#include "worker/sweep/retention_db.h"

#include <inttypes.h>
#include <string.h>

#include "lib/buf.h"
#include "sql/stmt.h"
#include "sql/store.h"
#include "tests/tap.h"
#include "tests/with_db.h"

static const char *database;

/* Rows are written with `aged(days, n)`: an id of that age, the same all day. ago(days): a time. */
#define FUNCTIONS                                                                                  \
	"CREATE FUNCTION ago(d INT) RETURNS DATETIME(6) RETURN UTC_TIMESTAMP(6) - INTERVAL d DAY;" \
	"CREATE FUNCTION aged(d INT, n INT) RETURNS BINARY(16) RETURN "                            \
	"CONCAT(UNHEX(LPAD(HEX(FLOOR("                                                             \
	"UNIX_TIMESTAMP(UTC_DATE() - INTERVAL d DAY) * 1000)), 12, '0')), "                        \
	"UNHEX(LPAD(HEX(n), 20, '0')))"

static int64_t
ask(const char *sql)
{
	struct db_conf conf = with_db_conf(database);
	struct db *db = db_open(&conf, NULL, 0, DB_USER_CTL);
	int64_t n = -1;
	const char *why = "";

	if (db_ask(db, sql, &n, &why) != DB_OK)
		printf("# %s: %s\n", sql, why);
	db_close(db);
	return n;
}

/* Runs rounds until one has ended; returns the number of batches. */
static unsigned
sweep(const struct retention *r)
{
	struct db_conf conf = with_db_conf(database);
	struct db *db = db_open(&conf, sql_stmts, SQL__COUNT, DB_USER_WORKER);
	struct retention_round round = { 0 };
	unsigned batches = 0;

	do {
		is_int(retention_step(db, r, &round), DB_OK, "a batch is deleted");
		batches++;
	} while (!round.over && batches < 100);
	db_close(db);
	return batches;
}

struct case_of {
	const char *about;
	const char *rows;  /* one row to delete and some to keep, marked by their columns */
	const char *stays; /* counts rows that must remain */
	int64_t want;
	const char *goes; /* must be 0 */
};

#define PIN(age, n, state, run)                                                                    \
	"INSERT INTO pins SET id = aged(" #age "," #n "), project_id = 'p', account_id = 'a', "    \
	"lane_id = 'l', shard = 1, state = " #state ", run_at = ago(" #age "), not_after = ago(0)" \
	", board_id = '7', title = 't', text_hash = 'h', idempotency_key = 'key" #n                \
	"', created_at = ago(" #age "), updated_at = ago(" #run ");"
#define KEY(n, age)                                                                                \
	"INSERT INTO idempotency_keys SET project_id = 'p', kind = 1, idem_key = 'key" #n          \
	"', body_hash = 'b', pin_id = aged(" #age "," #n "), created_at = ago(" #age ");"
#define ATTEMPT(n, age)                                                                            \
	"INSERT INTO attempts SET pin_id = aged(" #age "," #n "), number = 1, project_id = 'p', "  \
	"lane_id = 'l', worker_id = 'w', account_id = 'a', opened_at = ago(" #age                  \
	"), snapshot = '{}';"
#define SCHEDULE(age, n, state, run, pin)                                                          \
	"INSERT INTO schedules SET id = aged(" #age "," #n                                         \
	"), project_id = 'p', account_id = 'a', "                                                  \
	"lane_id = 'l', shard = 1, state = " #state ", run_at = ago(" #age "), not_after = ago(0)" \
	", board_id = '7', title = 't', pin_id = " pin ", created_at = ago(" #age                  \
	"), updated_at = ago(" #run ");"
#define DELIVERY(age, n, due)                                                                      \
	"INSERT INTO events SET id = aged(" #age "," #n                                            \
	"), project_id = 'p', type = 1, subject_type = 1, subject_id = "                           \
	"aged(" #age "," #n "), subject_version = 1, body = '{}', created_at = ago(" #age ");"     \
	"INSERT INTO deliveries SET id = aged(" #age "," #n "), project_id = 'p', event_id = "     \
	"aged(" #age "," #n "), webhook_id = 'w', shard = 1, state = 0, due_at = " due             \
	", deadline_at = ago(0), created_at = ago(" #age "), updated_at = ago(" #age ");"          \
	"INSERT INTO delivery_attempts SET delivery_id = aged(" #age "," #n                        \
	"), number = 1, project_id ="                                                              \
	" 'p', started_at = ago(" #age "), duration_ms = 1, class = 'ok';"
#define REPLY(kind, n, age)                                                                        \
	"INSERT INTO idempotency_keys SET project_id = 'p', kind = " #kind ", idem_key = 'r" #n    \
	"', body_hash = 'b', created_at = ago(" #age ");"
#define IMPORT(age, n, due)                                                                        \
	"INSERT INTO imports SET id = aged(" #age "," #n "), project_id = 'p', shard = 1, "        \
	"source_type = 0, status = 0, total_rows = 1, due_at = " due ", created_at = ago(" #age    \
	"), updated_at = ago(" #age ");"                                                           \
	"INSERT INTO import_rows SET import_id = aged(" #age "," #n                                \
	"), number = 1, payload = '{}';"
#define SESSION(n, age)                                                                            \
	"INSERT INTO sessions SET token_hash = '" #n "', id = '" #n                                \
	"', network = '', user_id = 'u', project_id = 'p', "                                       \
	"created_at = ago(9), expires_at = ago(" #age ");"
#define LOGIN_COUNT(n, age)                                                                        \
	"INSERT INTO login_counts SET kind = 1, slot = " #n                                        \
	", name = 'n', value = 0, at = ago(" #age ");"
#define LOGIN_PLACE(n, age)                                                                        \
	"INSERT INTO login_places SET address = 'a', slot = " #n                                   \
	", network = 'n', good_at = ago(" #age ");"
#define USER_TOKEN(n, age)                                                                         \
	"INSERT INTO user_tokens SET token_hash = '" #n "', user_id = 'u', purpose = 1, email = "  \
	"'', created_at = ago(9), expires_at = ago(" #age ");"
#define MAIL_ROW(n, age)                                                                           \
	"INSERT INTO mails SET id = '" #n "', kind = 1, state = 2, recipient = '', created_at = "  \
	"ago(" #age "), expires_at = ago(" #age ");"
#define WORKER(n, age)                                                                             \
	"INSERT INTO workers SET id = '" #n "', host_id = 'h', pid = 1, resident = 1, version = "  \
	"'1', started_at = ago(99), seen_at = ago(" #age ");"

static const struct case_of cases[] = {
	{ "events with deliveries and attempts",
	    DELIVERY(31, 1, "NULL") DELIVERY(29, 2, "NULL") DELIVERY(31, 3, "ago(-1)"),
	    "SELECT (SELECT COUNT(*) FROM events) + (SELECT COUNT(*) FROM deliveries) + "
	    "(SELECT COUNT(*) FROM delivery_attempts)",
	    6, "SELECT COUNT(*) FROM deliveries WHERE id = aged(31, 1) OR id < aged(60, 0)" },
	{ "a delivery repeated yesterday",
	    DELIVERY(
		40, 4, "NULL") "UPDATE deliveries SET updated_at = ago(1) WHERE id < aged(35, 0);",
	    "SELECT COUNT(*) FROM delivery_attempts WHERE delivery_id < aged(35, 0)", 1,
	    "SELECT 0" },
	{ "activity",
	    "INSERT INTO activity_logs (id, project_id, actor_type, action, message, "
	    "created_at) VALUES (aged(91, 1), 'p', 'system', '', 'goes', ago(91)), "
	    "(aged(89, 1), 'p', 'system', '', 'stays', ago(89));",
	    "SELECT COUNT(*) FROM activity_logs WHERE message = 'stays'", 1,
	    "SELECT COUNT(*) FROM activity_logs WHERE message = 'goes'" },
	{ "rows of imports", IMPORT(31, 1, "NULL") IMPORT(29, 2, "NULL") IMPORT(31, 3, "ago(0)"),
	    "SELECT COUNT(*) FROM import_rows", 2, "SELECT (SELECT COUNT(*) FROM imports) - 3" },
	{ "kept replies and OAuth states",
	    REPLY(2, 1, 2) REPLY(2, 2, 0) REPLY(3, 3, 2) REPLY(3, 4, 0),
	    "SELECT COUNT(*) FROM idempotency_keys WHERE idem_key IN ('r2', 'r4')", 2,
	    "SELECT COUNT(*) FROM idempotency_keys WHERE idem_key IN ('r1', 'r3')" },
	{ "counts of failed logins", LOGIN_COUNT(1, 2) LOGIN_COUNT(2, 0),
	    "SELECT COUNT(*) FROM login_counts WHERE slot = 2", 1,
	    "SELECT COUNT(*) FROM login_counts WHERE slot = 1" },
	{ "networks of good logins", LOGIN_PLACE(1, 31) LOGIN_PLACE(2, 29),
	    "SELECT COUNT(*) FROM login_places WHERE slot = 2", 1,
	    "SELECT COUNT(*) FROM login_places WHERE slot = 1" },
	{ "sessions", SESSION(old, 1) SESSION(new, -1),
	    "SELECT COUNT(*) FROM sessions WHERE expires_at > ago(0)", 1,
	    "SELECT COUNT(*) FROM sessions WHERE expires_at < ago(0)" },
	{ "tokens of persons", USER_TOKEN(old, 2) USER_TOKEN(new, 0),
	    "SELECT COUNT(*) FROM user_tokens WHERE expires_at > ago(1)", 1,
	    "SELECT COUNT(*) FROM user_tokens WHERE expires_at < ago(1)" },
	{ "mails", MAIL_ROW(old, 31) MAIL_ROW(new, 29),
	    "SELECT COUNT(*) FROM mails WHERE expires_at > ago(30)", 1,
	    "SELECT COUNT(*) FROM mails WHERE expires_at < ago(30)" },
	{ "workers", WORKER(old, 8) WORKER(new, 6), "SELECT COUNT(*) FROM workers", 1,
	    "SELECT COUNT(*) FROM workers WHERE seen_at < ago(7)" },
	{ "pins, schedules, attempts and keys: for ever",
	    PIN(500, 1, 4, 500) KEY(1, 500) ATTEMPT(1, 500) SCHEDULE(500, 9, 6, 500, "NULL"),
	    "SELECT (SELECT COUNT(*) FROM pins) + (SELECT COUNT(*) FROM attempts) + (SELECT "
	    "COUNT(*) FROM schedules) + (SELECT COUNT(*) FROM idempotency_keys WHERE kind = 1)",
	    4, "SELECT 0" },
};

static const struct retention defaults = { .events_days = 30,
	.activity_days = 90,
	.finished_days = 0,
	.import_rows_days = 30,
	.replies_days = 1,
	.oauth_states_days = 1,
	.workers_days = 7,
	.mails_days = 30 };

static void
test_defaults(void)
{
	for (size_t i = 0; i < DB_LEN(cases); i++)
		with_db_script(database, cases[i].rows);
	sweep(&defaults);
	for (size_t i = 0; i < DB_LEN(cases); i++) {
		if (i != 0) /* the second adds to the first */
			is_int(ask(cases[i].stays), cases[i].want, cases[i].about);
		is_int(ask(cases[i].goes), 0, cases[i].about);
	}
	is_int(ask(cases[0].stays), 9,
	    "events, deliveries and attempts that are recent, pending or repeated are kept");
}

static void
test_finished(void)
{
	struct retention r = defaults;

	with_db_script(database, "DELETE FROM pins; DELETE FROM schedules; DELETE FROM attempts; "
				 "DELETE FROM idempotency_keys");
	with_db_script(database, PIN(50, 1, 4, 50) KEY(1, 50) ATTEMPT(1, 50) /* ended */
	    PIN(50, 2, 5, 10) KEY(2, 50) ATTEMPT(2, 50)                      /* failed recently */
	    PIN(50, 3, 1, 50) KEY(3, 50) ATTEMPT(3, 50)                      /* waits */
	    PIN(50, 4, 3, 50) KEY(4, 50)                                     /* is verified */
	    PIN(50, 5, 1, 50) KEY(5, 50)                                     /* deleted */
	    "UPDATE pins SET deleted_at = ago(50) WHERE idempotency_key = 'key5';" SCHEDULE(
		50, 1, 4, 50, "aged(50, 1)")      /* of the first */
	    SCHEDULE(50, 2, 5, 50, "aged(50, 2)") /* its pin stays */
	    SCHEDULE(50, 6, 6, 50, "NULL")        /* canceled */
	    SCHEDULE(50, 7, 0, 50, "NULL")        /* planned for later */
	    "UPDATE pins SET schedule_id = aged(50, 1) WHERE idempotency_key = 'key1';"
	    "UPDATE pins SET schedule_id = aged(50, 2) WHERE idempotency_key = 'key2';");
	r.finished_days = 30;
	sweep(&r);
	is_int(ask("SELECT COUNT(*) FROM pins WHERE idempotency_key IN ('key2', 'key3', 'key4')"),
	    3, "live pins are kept");
	is_int(ask("SELECT COUNT(*) FROM pins"), 3, "ended pins are deleted");
	is_int(ask("SELECT COUNT(*) FROM idempotency_keys WHERE idem_key IN ('key2', 'key3', "
		   "'key4')"),
	    3, "keys of live pins are kept");
	is_int(ask("SELECT COUNT(*) FROM idempotency_keys"), 3, "keys of deleted pins are deleted");
	is_int(ask("SELECT COUNT(*) FROM attempts WHERE pin_id IN (aged(50, 2), aged(50, 3)) OR 1"),
	    2, "attempts are deleted with their pins");
	is_int(ask("SELECT COUNT(*) FROM schedules WHERE state IN (0, 5)"), 2,
	    "planned schedules and schedules with live pins are kept");
	is_int(ask("SELECT COUNT(*) FROM schedules"), 2, "other schedules are deleted");
}

/* The largest number of rows that one step deleted. */
static uint64_t
greatest_step(const struct retention *r)
{
	struct db_conf conf = with_db_conf(database);
	struct db *db = db_open(&conf, sql_stmts, SQL__COUNT, DB_USER_WORKER);
	struct retention_round round = { 0 };
	uint64_t most = 0, before;

	while (!round.over) {
		before = round.rows;
		if (retention_step(db, r, &round) != DB_OK)
			break;
		if (round.rows - before > most)
			most = round.rows - before;
	}
	db_close(db);
	return most;
}

/* No statement locks more than a batch, whichever table has many rows to delete. */
static void
test_bounds(void)
{
	static const struct {
		const char *about, *rows, *left;
	} many[] = {
		{ "activity",
		    "INSERT INTO activity_logs (id, project_id, actor_type, action, message, "
		    "created_at) SELECT aged(100, seq), 'p', 'system', '', 'many', ago(100) FROM "
		    "seq_1_to_1200",
		    "SELECT COUNT(*) FROM activity_logs WHERE message = 'many'" },
		{ "events, deliveries and their attempts",
		    "INSERT INTO events SELECT aged(100, seq), 'p', 1, 1, aged(100, seq), 1, NULL, "
		    "'{}', "
		    "ago(100) "
		    "FROM seq_1_to_1200; INSERT INTO deliveries (id, project_id, event_id, "
		    "webhook_id, "
		    "shard, state, deadline_at, created_at, updated_at) SELECT aged(100, seq), "
		    "'p', "
		    "aged(100, seq), 'w', 1, 1, ago(99), ago(100), ago(100) FROM seq_1_to_1200; "
		    "INSERT "
		    "INTO delivery_attempts (delivery_id, number, project_id, started_at, "
		    "duration_ms, "
		    "class) "
		    "SELECT aged(100, seq), 1, 'p', ago(100), 1, 'ok' FROM seq_1_to_1200",
		    "SELECT (SELECT COUNT(*) FROM events WHERE id < aged(99, 0)) + (SELECT "
		    "COUNT(*) "
		    "FROM deliveries WHERE id < aged(99, 0)) + (SELECT COUNT(*) FROM "
		    "delivery_attempts "
		    "WHERE delivery_id < aged(99, 0))" },
		{ "rows of one import",
		    IMPORT(100, 1,
			"NULL") "INSERT INTO import_rows (import_id, number, payload) SELECT "
				"aged(100, 1), seq, '{}' FROM seq_2_to_1200",
		    "SELECT COUNT(*) FROM import_rows WHERE import_id = aged(100, 1)" },
		{ "pins with attempts, keys and schedules",
		    "INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, "
		    "not_after, board_id, title, text_hash, idempotency_key, schedule_id, "
		    "created_at, "
		    "updated_at) SELECT aged(100, seq), 'p', 'a', 'l', 1, 4, ago(100), ago(97), "
		    "'7', "
		    "'t', 'h', CONCAT('many', seq), aged(100, seq), ago(100), ago(100) FROM "
		    "seq_1_to_300; INSERT INTO schedules (id, project_id, account_id, lane_id, "
		    "shard, "
		    "state, run_at, not_after, board_id, title, pin_id, created_at, updated_at) "
		    "SELECT "
		    "id, 'p', 'a', 'l', 1, 4, ago(100), ago(97), '7', 't', id, ago(100), ago(100) "
		    "FROM "
		    "pins WHERE title = 't' AND id < aged(99, 0); INSERT INTO idempotency_keys "
		    "(project_id, kind, idem_key, body_hash, pin_id, created_at) SELECT 'p', 1, "
		    "idempotency_key, 'b', id, ago(100) FROM pins WHERE id < aged(99, 0); INSERT "
		    "INTO "
		    "attempts (pin_id, number, project_id, lane_id, worker_id, account_id, "
		    "opened_at, "
		    "snapshot) SELECT id, seq, 'p', 'l', 'w', 'a', ago(100), '{}' FROM pins JOIN "
		    "seq_1_to_2 WHERE id < aged(99, 0)",
		    "SELECT (SELECT COUNT(*) FROM pins WHERE id < aged(99, 0)) + (SELECT COUNT(*) "
		    "FROM "
		    "schedules WHERE id < aged(99, 0)) + (SELECT COUNT(*) FROM attempts WHERE "
		    "pin_id < "
		    "aged(99, 0)) + (SELECT COUNT(*) FROM idempotency_keys WHERE idem_key LIKE "
		    "'many%')" },
	};
	struct retention r = defaults;
	uint64_t most;

	r.finished_days = 30;
	for (size_t i = 0; i < DB_LEN(many); i++) {
		with_db_script(database, many[i].rows);
		ok(ask(many[i].left) >= 1200, "%s: there are many", many[i].about);
		most = greatest_step(&r);
		ok(most > 0 && most <= RETENTION_BATCH,
		    "%s: at most one batch at a time (%" PRIu64 ")", many[i].about, most);
		is_int(ask(many[i].left), 0, "every old row is deleted");
	}
}

/* A round continues until nothing is left, so that each minute deletes what a minute adds. */
static void
test_batches(void)
{
	with_db_script(database,
	    "INSERT INTO idempotency_keys (project_id, kind, idem_key, body_hash, created_at) "
	    "SELECT 'p', 2, seq, 'b', ago(2) FROM seq_1_to_1700");
	is_int(sweep(&defaults), 5, "1700 replies take four batches and a last empty one");
	is_int(ask("SELECT COUNT(*) FROM idempotency_keys WHERE kind = 2"), 0,
	    "all old replies are deleted");
	is_int(sweep(&defaults), 1, "without old rows a round has one step");
}

int
main(int argc, char **argv)
{
	struct db_conf conf;
	struct db *db;
	const char *why;

	(void)argc;
	with_db(argv);
	database = with_db_fresh("retention");
	conf = with_db_conf(database);
	db = db_open(&conf, NULL, 0, DB_USER_CTL);
	is_int(store_migrate(db, &why), DB_OK, "the schema is migrated");
	db_close(db);
	with_db_script(database, FUNCTIONS);
	test_defaults();
	test_finished();
	test_batches();
	test_bounds();
	with_db_drop(database);
	return tap_done();
}

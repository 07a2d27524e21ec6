/* Every result of lib/db/db.h against a real server: values, lists, deadlocks, cut connections, no
 * server. */
#include "lib/db/db.h"

#include <pthread.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/db/db_check.h"
#include "lib/xalloc.h"
#include "tests/tap.h"
#include "tests/with_db.h"

enum {
	INSERT,
	GET,
	COUNT,
	ADD,
	LIST,
	CONN,
	SLOW,
	TEXT_OF_TIME,
	BROKEN,
	DELETE_ROW,
	RUNNING,
	IDS,
	PREPARED,
	COUNT_ANEW,
	FILL
};

#define POLL_US 2000
#define ORDER(...)                                                                                 \
	(const unsigned char[])                                                                    \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
static const struct db_stmt table[] = {
	{ "insert", "INSERT INTO t (id, n, txt, bin, u, at) VALUES (?,?,?,?,?,?)",
	    ORDER(0, 1, 2, 3, 4, 5), 6, 6, 4, false },
	{ "get", "SELECT n, txt, bin, u, at FROM t WHERE id = ?", ORDER(0), 1, 1, 4, false },
	{ "count", "SELECT COUNT(*) FROM t WHERE id = ?", ORDER(0), 1, 1, 4, false },
	{ "add", "UPDATE t SET n = n + ? WHERE id = ?", ORDER(1, 0), 2, 2, 4, false },
	{ "list", "SELECT COUNT(*) FROM t WHERE id IN (?,?,?,?) AND n > ?", ORDER(0, 0, 0, 0, 1), 5,
	    2, 4, false },
	{ "conn", "SELECT CONNECTION_ID()", ORDER(0), 0, 0, 4, false },
	{ "slow", "INSERT INTO t (id, n) SELECT ?, SLEEP(20)", ORDER(0), 1, 1, 4, false },
	{ "text_of_time",
	    "SELECT CAST(at AS CHAR), @@session.sql_mode, @@tx_isolation FROM t "
	    "WHERE id = ?",
	    ORDER(0), 1, 1, 4, false },
	{ "broken", "SELECT no_such_column FROM t", ORDER(0), 0, 0, 4, false },
	{ "delete", "DELETE FROM t WHERE id = ?", ORDER(0), 1, 1, 4, false },
	{ "running",
	    "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? "
	    "AND info LIKE '%SLEEP%'",
	    ORDER(0), 1, 1, 4, false },
	{ "ids", "SELECT id FROM t WHERE id >= ? ORDER BY id", ORDER(0), 1, 1, 4, false },
	{ "prepared",
	    "SELECT CAST(variable_value AS SIGNED) FROM information_schema.session_status "
	    "WHERE variable_name = 'Com_stmt_prepare' AND 0 = ?",
	    ORDER(0), 1, 1, 4, false },
	{ "count_anew", "SELECT COUNT(*) FROM t WHERE id = ?", ORDER(0), 1, 1, 4, true },
	{ "fill", "INSERT INTO small SELECT ?, REPEAT('x', 200) FROM seq_1_to_1000", ORDER(0), 1, 1,
	    4, false },
	{ "not_ours", "SELECT 1", ORDER(0), 0, 0, 1, false },
};

static struct db_conf conf;

static struct db *
open_db(struct arena *mem)
{
	struct db *db = db_open(&conf, table, DB_LEN(table) - 1, DB_USER_CTL);

	db_use(db, mem);
	return db;
}

static enum db_rc
insert(struct db *db, int64_t id, int64_t n)
{
	const struct db_param in[] = { db_int(id), db_int(n), db_null(), db_null(), db_null(),
		db_null() };

	return db_exec(db, INSERT, in, DB_LEN(in), NULL);
}

static int64_t
number(struct db *db, unsigned stmt, int64_t arg)
{
	const struct db_param in[] = { db_int(arg) };
	int64_t n = -1;
	struct db_col out[] = { db_get_int(&n) };

	if (db_row(db, stmt, in, stmt == CONN ? 0 : 1, out, 1) != DB_OK)
		return -1;
	return n;
}

static int64_t
get_n(struct db *db, int64_t id)
{
	const struct db_param in[] = { db_int(id) };
	int64_t n = -1, at;
	const char *txt;
	const void *bin;
	size_t len;
	struct uuid u;
	struct db_col out[] = { db_get_int(&n), db_get_text(&txt), db_get_bytes(&bin, &len),
		db_get_uuid(&u), db_get_time(&at) };

	return db_row(db, GET, in, 1, out, DB_LEN(out)) == DB_OK ? n : -1;
}

static void
test_values(struct db *db)
{
	const unsigned char raw[] = { 0, 255, 1, 0 };
	struct uuid u = { { 1, 2, 3 } }, got_u;
	char *longer = xmalloc(70001);
	int64_t n, at;
	const char *txt;
	const void *bin;
	size_t len;
	struct db_col out[] = { db_get_int(&n), db_get_text(&txt), db_get_bytes(&bin, &len),
		db_get_uuid(&got_u), db_get_time(&at) };
	const struct db_param one[] = { db_int(1) }, two[] = { db_int(2) };

	memset(longer, 'x', 70000);
	longer[70000] = '\0';
	const struct db_param all[] = { db_int(1), db_int(INT64_MIN), db_text(longer),
		db_bytes(raw, sizeof(raw)), db_uuid(&u), db_time(951782400123456) };
	const struct db_param none[] = { db_int(2), db_null(), db_text(NULL), db_bytes(NULL, 0),
		db_uuid(NULL), db_time(TIME_NONE) };

	is_int(db_exec(db, INSERT, all, 6, NULL), DB_OK, "a row with all values is inserted");
	is_int(db_row(db, GET, one, 1, out, 5), DB_OK, "the row with all values is read");
	is_int(n, INT64_MIN, "the smallest number is read");
	ok(txt && strlen(txt) == 70000 && strcmp(txt, longer) == 0,
	    "70,000 bytes of text are read");
	ok(bin && len == 4 && memcmp(bin, raw, 4) == 0, "bytes with a NUL are read");
	ok(uuid_equal(&u, &got_u), "a UUID is read");
	is_int(at, 951782400123456, "a time with microseconds on a leap day is read");
	is_int(db_exec(db, INSERT, none, 6, NULL), DB_OK, "a row of NULLs is inserted");
	is_int(db_row(db, GET, two, 1, out, 5), DB_OK, "the row of NULLs is read");
	ok(n == 0 && txt == NULL && bin == NULL && len == 0 && uuid_is_nil(&got_u) &&
		at == TIME_NONE,
	    "NULLs are read as 0, NULL, NULL, nil and TIME_NONE");
	free(longer);
}

static void
test_times(struct db *db)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01 00:00:00.000000" },
		{ -1, "1969-12-31 23:59:59.999999" },
		{ 951827696000001, "2000-02-29 12:34:56.000001" },
		{ 4107542399999999, "2100-02-28 23:59:59.999999" },
		{ 253402300799999999, "9999-12-31 23:59:59.999999" },
	};
	const char *text, *mode, *isolation;
	struct db_col out[] = { db_get_text(&text), db_get_text(&mode), db_get_text(&isolation) };
	int64_t now;
	size_t i;

	for (i = 0; i < DB_LEN(cases); i++) {
		const struct db_param in[] = { db_int(100 + (int64_t)i), db_null(), db_null(),
			db_null(), db_null(), db_time(cases[i].us) };

		must(db_exec(db, INSERT, in, 6, NULL));
		must(db_row(db, TEXT_OF_TIME, in, 1, out, 3));
		is_str(text, cases[i].text, "the server stores the same time");
	}
	ok(strstr(mode, "STRICT_ALL_TABLES") && strstr(mode, "NO_ENGINE_SUBSTITUTION"),
	    "the session is in strict mode");
	is_str(isolation, "READ-COMMITTED", "the isolation level is READ COMMITTED");
	is_int(db_now(db, &now), DB_OK, "the server's time is read");
	ok(now > clock_wall_us() - 5 * US_PER_S && now < clock_wall_us() + 5 * US_PER_S,
	    "the server's time is close to ours");
}

struct seen {
	struct db *db;
	int64_t id, sum;
	unsigned rows;
};

static void
see(void *arg)
{
	struct seen *s = arg;

	s->rows++;
	s->sum += number(s->db, COUNT, s->id) * s->id;
}

static void
test_results(struct db *db)
{
	const unsigned char ids[] = { 1, 2, 7 };
	const struct db_param list[] = { db_list(ids, 3), db_int(INT64_MIN) };
	const struct db_param none[] = { db_int(99999) }, add[] = { db_int(2), db_int(0) };
	struct seen s = { .db = db };
	const struct db_param from[] = { db_int(100) };
	struct db_col out[] = { db_get_int(&s.id) };
	const char *why;
	int64_t n;
	struct db_col count[] = { db_get_int(&n) };
	uint64_t affected = 7;

	is_int(insert(db, 7, 5), DB_OK, "a row is inserted");
	is_int(insert(db, 255, 5), DB_OK, "a value that pads lists is inserted");
	is_int(db_row(db, LIST, list, 2, count, 1), DB_OK, "a list is read");
	is_int(n, 2, "a list of three, padded to four, finds two");
	is_int(insert(db, 7, 6), DB_DUP, "a duplicate key gives DB_DUP");
	is_int(db_row(db, COUNT, none, 1, count, 1), DB_OK, "a count of 0 is a row");
	is_int(
	    db_exec(db, DELETE_ROW, none, 1, &affected), DB_NONE, "deleting nothing gives DB_NONE");
	is_int((int64_t)affected, 0, "deleting nothing affects 0 rows");
	is_int(db_exec(db, ADD, add, 2, &affected), DB_OK, "an update without changes succeeds");
	is_int((int64_t)affected, 1, "an update without changes counts the matched row");
	is_int(db_each(db, IDS, from, 1, out, 1, see, &s), DB_OK,
	    "db_each allows queries for each row");
	ok(s.rows == 6 && s.sum == 100 + 101 + 102 + 103 + 104 + 255, "db_each reads all rows");
	is_int(
	    db_row(db, BROKEN, NULL, 0, count, 1), DB_FAIL, "an invalid statement gives DB_FAIL");
	is_int(db_check(db, 1, &why), DB_FAIL, "a missing schema gives DB_FAIL");
	ok(strstr(why, "pintempo init") != NULL,
	    "a missing schema: the message says what to do: %s", why);
}

static void
test_server_check(void)
{
	static const struct {
		bool mariadb;
		unsigned long version;
		const char *shown, *says; /* NULL: accepted */
	} cases[] = {
		{ false, 80044, "8.0.44", "MySQL 8.0.44" },
		{ false, 90100, "9.1.0", "install MariaDB" },
		{ true, 50568, "5.5.68-MariaDB", "upgrade the server" },
		{ true, 100529, "10.5.29-MariaDB", "MariaDB 10.5.29-MariaDB is too old" },
		{ true, 100600, "10.6.0-MariaDB", NULL },
		{ true, 101118, "10.11.18-MariaDB", NULL },
		{ true, 120002, "12.0.2-MariaDB", NULL },
	};
	char room[512];
	size_t i;

	for (i = 0; i < DB_LEN(cases); i++) {
		const char *why = db_check_server(
		    cases[i].mariadb, cases[i].version, cases[i].shown, room, sizeof(room));

		if (cases[i].says == NULL)
			ok(why == NULL, "%s is accepted", cases[i].shown);
		else
			ok(why != NULL && strstr(why, cases[i].says) != NULL, "%s: %s",
			    cases[i].shown, why);
	}
}

static void
kill_it(int64_t connection)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "KILL %lld", (long long)connection);
	with_db_script(NULL, sql);
}

/* A transaction that loses its connection once, at `when`. */
struct cut {
	unsigned runs;
	int64_t id;
	enum { BEFORE, BETWEEN, AT_COMMIT } when;
	enum db_rc inside;
};

static enum db_rc
work_cut(struct db *db, void *arg)
{
	struct cut *c = arg;
	bool now = c->runs++ == 0;
	int64_t connection = number(db, CONN, 0);
	enum db_rc rc;

	if (now && c->when == BEFORE)
		kill_it(connection);
	rc = insert(db, c->id, 1);
	if (now && c->when == BETWEEN)
		kill_it(connection);
	if (c->when != AT_COMMIT) {
		rc = insert(db, c->id + 1, 1);
		c->inside = now ? rc : c->inside;
	}
	if (now && c->when == AT_COMMIT)
		kill_it(connection);
	return rc;
}

static enum db_rc
work_check(struct db *db, void *arg)
{
	enum db_rc *rc = arg;
	const char *why;

	kill_it(number(db, CONN, 0));
	*rc = db_check(db, 1, &why);
	return DB_FAIL;
}

/* Differs from a database without the schema: a program waits for a server, but not for a schema.
 */
/* How often the server prepared a statement while two ran. */
static int64_t
prepared_by_two(struct db *db, unsigned stmt)
{
	int64_t before = number(db, PREPARED, 0);

	is_int(number(db, stmt, 1), number(db, stmt, 1), "it runs twice, with the same result");
	return number(db, PREPARED, 0) - before;
}

static void
test_prepares(struct db *db)
{
	(void)number(db, COUNT, 1);
	is_int(prepared_by_two(db, COUNT), 0, "a statement is prepared once");
	is_int(prepared_by_two(db, COUNT_ANEW), 2, "one that says so, for each use");
}

static void
test_cut_check(struct db *db)
{
	enum db_rc rc = DB_OK;

	(void)db_transact(db, work_check, &rc);
	is_int(rc, DB_DOWN, "a check whose connection is cut gives DB_DOWN");
	is_int(insert(db, 400, 1), DB_OK, "a write after a cut connection succeeds");
	is_int(db_exec(db, DELETE_ROW, (const struct db_param[]){ db_int(400) }, 1, NULL), DB_OK,
	    "a delete after a cut connection succeeds");
}

static void
test_cuts(struct db *db)
{
	struct cut before = { .id = 1000, .when = BEFORE },
		   between = { .id = 1010, .when = BETWEEN };
	struct cut commit = { .id = 1020, .when = AT_COMMIT };

	kill_it(number(db, CONN, 0));
	is_int(number(db, COUNT, 7), 1, "a read after the connection was killed succeeds");
	kill_it(number(db, CONN, 0));
	is_int(
	    number(db, PREPARED, 0), 1, "a new connection prepares only the statements it needs");
	kill_it(number(db, CONN, 0));
	is_int(
	    insert(db, 990, 1), DB_OK, "a single write after the connection was killed succeeds");
	kill_it(number(db, CONN, 0));
	is_int(db_transact(db, work_cut, &before), DB_OK,
	    "a transaction cut before its first write succeeds");
	is_int(before.runs, 2, "a transaction cut before its first write is rerun");
	is_int(db_transact(db, work_cut, &between), DB_OK,
	    "a transaction cut between two writes succeeds");
	is_int(between.runs, 2, "a transaction cut between two writes is rerun");
	is_int(between.inside, DB_RETRY, "the second write is not sent on a new connection");
	is_int(number(db, COUNT, 1010) + number(db, COUNT, 1011), 2,
	    "both writes of the rerun transaction are stored once");
	is_int(db_transact(db, work_cut, &commit), DB_UNKNOWN,
	    "a transaction cut at COMMIT gives DB_UNKNOWN");
	is_int(commit.runs, 1, "a transaction cut at COMMIT is not rerun");
	is_int(number(db, COUNT, 1020), 0, "the transaction cut at COMMIT was not committed");
}

static void *
killer(void *arg)
{
	struct arena *mem = arena_new();
	struct db *db = open_db(mem);

	while (number(db, RUNNING, *(int64_t *)arg) == 0)
		usleep(POLL_US);
	kill_it(*(int64_t *)arg);
	db_close(db);
	arena_free(mem);
	return NULL;
}

static void
test_cut_write(struct db *db)
{
	int64_t connection = number(db, CONN, 0);
	const struct db_param in[] = { db_int(1100) };
	pthread_t thread;

	pthread_create(&thread, NULL, killer, &connection);
	is_int(db_exec(db, SLOW, in, 1, NULL), DB_UNKNOWN,
	    "a single write cut while it ran gives DB_UNKNOWN");
	pthread_join(thread, NULL);
	is_int(number(db, COUNT, 7), 1, "the call after a cut write succeeds");
}

/* Two threads lock the same two rows in opposite order, so that one is rolled back. */
struct side {
	pthread_barrier_t *both;
	int64_t first, second;
	unsigned runs, retries, after;
	enum db_rc rc;
};

static enum db_rc
work_deadlock(struct db *db, void *arg)
{
	struct side *s = arg;
	const struct db_param a[] = { db_int(s->first), db_int(1) };
	const struct db_param b[] = { db_int(s->second), db_int(1) };
	enum db_rc rc;

	if (db_exec(db, ADD, a, 2, NULL) != DB_OK)
		return DB_FAIL;
	if (s->runs++ == 0)
		pthread_barrier_wait(s->both);
	rc = db_exec(db, ADD, b, 2, NULL);
	if (rc == DB_RETRY) {
		s->retries++;
		/* must not reach the server, whose transaction has ended */
		s->after += insert(db, 1200 + s->first, 1) == DB_RETRY;
		return DB_OK;
	}
	return rc;
}

static void *
run_side(void *arg)
{
	struct arena *mem = arena_new();
	struct db *db = open_db(mem);
	struct side *s = arg;

	s->rc = db_transact(db, work_deadlock, s);
	db_close(db);
	arena_free(mem);
	return NULL;
}

static void
test_deadlock(struct db *db)
{
	pthread_barrier_t both;
	struct side a = { .both = &both, .first = 1301, .second = 1302 };
	struct side b = { .both = &both, .first = 1302, .second = 1301 };
	pthread_t thread;

	must(insert(db, 1301, 0));
	must(insert(db, 1302, 0));
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&thread, NULL, run_side, &a);
	run_side(&b);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&both);
	ok(a.rc == DB_OK && b.rc == DB_OK, "both transactions of a deadlock succeed");
	is_int(a.runs + b.runs, 3, "one transaction of a deadlock is rerun");
	is_int(a.retries + b.retries, 1, "the rolled-back transaction got DB_RETRY");
	is_int(a.after + b.after, 1, "a statement after the rollback is refused");
	is_int(number(db, COUNT, 2501) + number(db, COUNT, 2502), 0,
	    "the statement after the rollback is not executed");
	is_int(get_n(db, 1301) + get_n(db, 1302), 4, "both transactions are counted once");
}

static enum db_rc
work_dup(struct db *db, void *arg)
{
	enum db_rc rc = insert(db, 7, 1);

	(void)arg;
	return rc == DB_DUP ? insert(db, 1400, 1) : DB_FAIL;
}

static enum db_rc
work_none(struct db *db, void *arg)
{
	(void)arg;
	must(insert(db, 1401, 1));
	return DB_NONE;
}

static enum db_rc
work_retry(struct db *db, void *arg)
{
	(void)db;
	(*(unsigned *)arg)++;
	return DB_RETRY;
}

static enum db_rc
work_fill(struct db *db, void *arg)
{
	const struct db_param one[] = { db_int(1) };
	enum db_rc rc = insert(db, 1402, 1);

	(void)arg;
	return rc == DB_OK ? db_exec(db, FILL, one, 1, NULL) : rc;
}

static void
test_transactions(struct db *db)
{
	const struct db_param too_long[] = { db_int(1402), db_null(), db_null(),
		db_text(
		    "this text is far longer than the two hundred bytes which the column takes, "
		    "so strict mode must refuse it instead of cutting it short without a word. "
		    "A line more, to be sure that it is far beyond what the column takes, yes."),
		db_null(), db_null() };
	const struct db_param one[] = { db_int(1) };
	unsigned runs = 0;

	is_int(db_transact(db, work_dup, NULL), DB_OK, "a duplicate does not end the transaction");
	is_int(number(db, COUNT, 1400), 1, "a write after the duplicate is stored");
	is_int(db_transact(db, work_none, NULL), DB_NONE,
	    "a transaction that returns DB_NONE returns it");
	is_int(number(db, COUNT, 1401), 0, "a transaction that returns DB_NONE is rolled back");
	is_int(
	    db_transact(db, work_retry, &runs), DB_RETRY, "endless contention ends with DB_RETRY");
	is_int(runs, 6, "a transaction is rerun at most five times");
	is_int(db_exec(db, INSERT, too_long, 6, NULL), DB_FAIL,
	    "a value that is too long gives DB_FAIL");
	is_int(db_exec(db, FILL, one, 1, NULL), DB_DOWN, "a full table gives DB_DOWN");
	is_int(db_transact(db, work_fill, NULL), DB_DOWN,
	    "a full table inside a transaction gives DB_DOWN");
	is_int(number(db, COUNT, 1402), 0, "the transaction on a full table is rolled back");
}

static void
test_down(struct arena *mem)
{
	struct db_conf away = conf;
	struct db *db;
	int64_t now, start = clock_mono_us();
	const char *why = NULL;

	away.socket = "/nonexistent/s";
	db = db_open(&away, table, DB_LEN(table), DB_USER_CTL);
	db_use(db, mem);
	is_int(db_now(db, &now), DB_DOWN, "without a server db_now gives DB_DOWN");
	is_int(insert(db, 1, 1), DB_DOWN, "without a server a write gives DB_DOWN");
	is_int(db_transact(db, work_none, NULL), DB_DOWN,
	    "without a server a transaction gives DB_DOWN");
	is_int(db_check(db, 1, &why), DB_DOWN, "without a server db_check gives DB_DOWN");
	ok(why && strstr(why, "/nonexistent/s"), "the message names the socket");
	ok(clock_mono_us() - start < US_PER_S, "a missing server is reported immediately");
	db_close(db);
}

/* A check that gets no answer says nothing about the schema. */
static void
test_check_lost(struct arena *mem)
{
	struct db_conf hasty = conf;
	struct db *holder = open_db(mem), *db;
	const char *why = NULL;

	hasty.timeout_s = 2; /* so that a statement may take one second */
	db = db_open(&hasty, table, 1, DB_USER_CTL);
	db_use(db, mem);
	is_int(db_check(db, 7, &why), DB_FAIL, "a missing schema gives DB_FAIL");
	is_int(db_script(holder,
		   "CREATE TABLE schema_versions (version INT); LOCK TABLES schema_versions WRITE",
		   &why),
	    DB_OK, "the table is locked");
	is_int(db_check(db, 7, &why), DB_DOWN, "a check without an answer gives DB_DOWN");
	db_close(holder);
	is_int(db_check(db, 0, &why), DB_OK, "a check succeeds once it is answered");
	db_close(db);
}

/* A statement may be given less time than all others have. */
static void
test_time_limit(struct arena *mem)
{
	struct db *db = open_db(mem);
	int64_t start = clock_mono_us();

	db_limit_time(db, 50);
	is_int(db_exec(db, SLOW, (const struct db_param[]){ db_int(900) }, 1, NULL), DB_DOWN,
	    "a statement that takes longer than its limit ends");
	ok(clock_mono_us() - start < 10 * US_PER_S, "in time");
	ok(db_overran(db), "and is known to have run too long");
	is_int(insert(db, 901, 1), DB_OK, "the connection goes on");
	ok(!db_overran(db), "and a short one has not");
	db_limit_time(db, 0);
	is_int(insert(db, 902, 1), DB_OK, "the limit can be taken back");
	db_close(db);
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	struct db *db;

	(void)argc;
	with_db(argv);
	conf = with_db_conf(with_db_fresh("test_db"));
	with_db_script(conf.database,
	    "CREATE TABLE t (id INT PRIMARY KEY, n BIGINT NULL, txt LONGTEXT NULL, "
	    "bin VARBINARY(200) NULL, u BINARY(16) NULL, at DATETIME(6) NULL) ENGINE=InnoDB");
	with_db_script(conf.database, "SET SESSION max_heap_table_size = 16384;"
				      "CREATE TABLE small (n INT, txt CHAR(200)) ENGINE=MEMORY");
	db = open_db(mem);
	test_server_check();
	test_values(db);
	test_times(db);
	test_results(db);
	test_prepares(db);
	test_cut_check(db);
	test_cuts(db);
	test_cut_write(db);
	test_deadlock(db);
	test_transactions(db);
	test_down(mem);
	test_check_lost(mem);
	test_time_limit(mem);
	db_close(db);
	with_db_drop(conf.database);
	arena_free(mem);
	return tap_done();
}

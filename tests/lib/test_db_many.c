/* Many sets of parameters in one round trip, and lists of UUIDs, against a real server. */
#include "lib/db/db.h"

#include "lib/arena.h"
#include "lib/clock.h"
#include "tests/tap.h"
#include "tests/with_db.h"

enum { INSERT, ADD, SUM, FIND };

static const struct db_stmt table[] = {
	{ "insert", "INSERT INTO t (id, u, txt, at) VALUES (?,?,?,?)",
	    (const unsigned char[]){ 0, 1, 2, 3 }, 4, 4, 4, false },
	{ "add", "UPDATE t SET n = n + ? WHERE id = ?", (const unsigned char[]){ 1, 0 }, 2, 2, 4,
	    false },
	{ "sum",
	    "SELECT COUNT(*), SUM(n), COUNT(txt), COUNT(at), MAX(at), GROUP_CONCAT(txt ORDER BY id)"
	    " FROM t",
	    (const unsigned char[]){ 0 }, 0, 0, 4, false },
	/* the same list twice, with another parameter in between */
	{ "find", "SELECT SUM(FIELD(u, ?,?,?)), COUNT(*) FROM t WHERE id > ? AND u IN (?,?,?)",
	    (const unsigned char[]){ 0, 0, 0, 1, 0, 0, 0 }, 7, 2, 4, false },
};

static struct db_conf conf;

struct plan {
	int64_t first, last;
	bool twice; /* the last id once more */
	enum db_rc rc;
	uint64_t affected;
};

static struct uuid
uuid_of(int64_t id)
{
	return (struct uuid){ { (unsigned char)id, 7 } };
}

static enum db_rc
insert_all(struct db *db, void *arg)
{
	struct plan *p = arg;
	struct db_many m = { 0 };

	for (int64_t id = p->first; id <= p->last + p->twice; id++) {
		int64_t real = id > p->last ? p->last : id;
		struct uuid u = uuid_of(real);
		char text[] = { (char)('a' + real % 26), '\0' }; /* copied, so it may be freed */
		const struct db_param in[] = { db_int(real), db_uuid(&u),
			db_text(real % 2 ? text : NULL),
			db_time(real % 3 ? TIME_NONE : real * US_PER_S + 1) };

		db_many_push(db, &m, INSERT, in, DB_LEN(in));
		text[0] = '?';
	}
	p->rc = db_many_exec(db, &m, &p->affected);
	return p->rc;
}

static enum db_rc
add_all(struct db *db, void *arg)
{
	struct plan *p = arg;
	struct db_many m = { 0 };

	for (int64_t id = p->first; id <= p->last; id++) {
		const struct db_param in[] = { db_int(id), db_int(0) };

		db_many_push(db, &m, ADD, in, DB_LEN(in));
	}
	p->rc = db_many_exec(db, &m, &p->affected);
	return p->rc;
}

static int64_t
rows(struct db *db)
{
	int64_t n = -1, sum, texts, times, last;
	const char *text;
	struct db_col out[] = { db_get_int(&n), db_get_int(&sum), db_get_int(&texts),
		db_get_int(&times), db_get_time(&last), db_get_text(&text) };

	if (db_row(db, SUM, NULL, 0, out, DB_LEN(out)) != DB_OK)
		return -1;
	if (n == 6) {
		is_int(texts, 3, "a column takes NULL and text");
		is_int(times, 2, "a column takes NULL and time");
		is_int(last, 6 * US_PER_S + 1, "a time keeps its microseconds");
		is_str(text, "b,d,f", "each set is stored with its text");
	}
	return n;
}

static void
test_many(struct db *db)
{
	struct plan none = { .first = 2, .last = 1 }, all = { .first = 1, .last = 6 },
		    twice = { .first = 7, .last = 9, .twice = true },
		    some = { .first = 5, .last = 80 }, one = { .first = 100, .last = 100 };

	is_int(db_transact(db, insert_all, &none), DB_OK, "an empty list of sets succeeds");
	is_int((int64_t)none.affected, 0, "an empty list of sets affects no row");
	is_int(db_transact(db, insert_all, &all), DB_OK, "six sets are inserted at once");
	is_int((int64_t)all.affected, 6, "six inserted rows are counted");
	is_int(rows(db), 6, "six rows are stored");
	is_int(
	    db_transact(db, insert_all, &twice), DB_DUP, "a duplicate key in one set gives DB_DUP");
	is_int(rows(db), 6, "no set of a refused list is stored");
	is_int(db_transact(db, add_all, &some), DB_OK,
	    "an update where most sets match no row succeeds");
	is_int((int64_t)some.affected, 2,
	    "matched rows are counted, changed or not, beyond the first 64 sets");
	is_int(db_transact(db, add_all, &one), DB_OK, "one set that matches no row gives DB_OK");
	is_int((int64_t)one.affected, 0, "one set that matches no row counts none");
	is_int(db_transact(db, insert_all, &one), DB_OK, "a single set after many is inserted");
	is_int(rows(db), 7, "the single set is stored");
}

static void
test_lists(struct db *db)
{
	const struct uuid ids[] = { uuid_of(4), uuid_of(2), uuid_of(99) };
	const struct db_param two[] = { db_uuids(ids, 2), db_int(0) };
	const struct db_param three[] = { db_uuids(ids, 3), db_int(3) };
	int64_t places, n;
	struct db_col out[] = { db_get_int(&places), db_get_int(&n) };

	is_int(db_row(db, FIND, two, 2, out, 2), DB_OK, "a list with an empty place is read");
	ok(n == 2 && places == 3, "both ids are found at their places");
	is_int(db_row(db, FIND, three, 2, out, 2), DB_OK, "a full list is read");
	ok(n == 1 && places == 1, "one id of a full list is after the other parameter");
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	struct db *db;

	(void)argc;
	with_db(argv);
	conf = with_db_conf(with_db_fresh("test_db_many"));
	with_db_script(conf.database,
	    "CREATE TABLE t (id INT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0, u BINARY(16) NULL, "
	    "txt VARCHAR(9) NULL, at DATETIME(6) NULL) ENGINE=InnoDB");
	db = db_open(&conf, table, DB_LEN(table), DB_USER_CTL);
	db_use(db, mem);
	test_many(db);
	test_lists(db);
	db_close(db);
	with_db_drop(conf.database);
	arena_free(mem);
	return tap_done();
}

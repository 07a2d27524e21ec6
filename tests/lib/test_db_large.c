/* What is large: statements that the server would not take, and results that are not kept. */
#include "lib/db/db.h"

#include <string.h>

#include "lib/arena.h"
#include "tests/tap.h"
#include "tests/with_db.h"

enum { INSERT, LIST, PACKET, KILL };

static const struct db_stmt table[] = {
	{ "insert", "INSERT INTO t (id, txt) VALUES (?, ?)", (const unsigned char[]){ 0, 1 }, 2, 2,
	    DB_USER_CTL, false },
	{ "list", "SELECT id, txt FROM t ORDER BY id", NULL, 0, 0, DB_USER_CTL, false },
	{ "packet", "SELECT @@max_allowed_packet", NULL, 0, 0, DB_USER_CTL, false },
	{ "kill",
	    "SELECT seq, REPEAT('x', 60000), IF(seq = 400, SLEEP(60), 0) FROM seq_1_to_500 "
	    "WHERE seq < 401",
	    NULL, 0, 0, DB_USER_CTL, false },
};

static enum db_rc
insert(struct db *db, int64_t id, const char *text)
{
	const struct db_param in[] = { db_int(id), db_text(text) };

	return db_exec(db, INSERT, in, DB_LEN(in), NULL);
}

static enum db_rc
insert_two(struct db *db, void *arg)
{
	enum db_rc rc = insert(db, 7, "in the same transaction");

	return rc == DB_OK ? insert(db, 8, arg) : rc;
}

struct list {
	int64_t id, sum;
	const char *text;
	size_t rows, bytes;
	struct db *db;
};

static void
list_add(void *arg)
{
	struct list *l = arg;

	l->rows++;
	l->sum += l->id;
	l->bytes += l->text != NULL ? strlen(l->text) : 0;
}

static enum db_rc
list_stream(struct db *db, struct list *l)
{
	struct db_col out[] = { db_get_int(&l->id), db_get_text(&l->text) };

	*l = (struct list){ .db = db };
	return db_stream(db, LIST, NULL, 0, out, DB_LEN(out), list_add, l);
}

static enum db_rc
list_inside(struct db *db, void *arg)
{
	return list_stream(db, arg);
}

static void
test_statement(struct db *db, struct arena *mem)
{
	int64_t packet = 0;
	struct db_col out[] = { db_get_int(&packet) };
	char *text;

	is_int(db_row(db, PACKET, NULL, 0, out, 1), DB_OK, "the server says what it takes");
	text = arena_alloc(mem, (size_t)packet + 1);
	memset(text, 'x', (size_t)packet);
	is_int(insert(db, 1, text), DB_FAIL, "a statement of max_allowed_packet is refused");
	ok(db_too_large(db), "as too large");
	ok(db_refused_row(db), "which is about its values");
	is_int(db_transact(db, insert_two, text), DB_FAIL, "and so inside a transaction, once");
	ok(db_too_large(db), "as too large there too");
	text[packet - 4096] = '\0';
	is_int(insert(db, 2, text), DB_OK, "a little less is stored: the connection stands");
	is_int(insert(db, 2, "x"), DB_DUP, "and is used on");
	ok(!db_too_large(db), "what comes later is not too large");
}

static void
test_stream(struct db *db, struct arena *mem)
{
	struct list l;
	size_t before;

	for (int64_t id = 10; id < 40; id++)
		is_int(insert(db, id, arena_printf(mem, "%0*d", 100000, 1)), DB_OK, "stored");
	before = arena_bytes(mem);
	is_int(list_stream(db, &l), DB_OK, "a result is streamed");
	ok(l.rows == 31 && l.sum == 2 + 30 * 49 / 2 && l.bytes > 30 * 100000, "each row of it");
	is_int((int64_t)arena_bytes(mem), (int64_t)before, "and nothing is kept in the arena");
	is_int(list_stream(db, &l), DB_OK, "and again on the same connection");
	is_int(db_transact(db, list_inside, &l), DB_OK, "inside a transaction it is read as ever");
	is_int((int64_t)l.rows, 31, "with each row once");
}

/* The server ends the statement when hundreds of rows have been delivered. */
static void
test_stream_cut(const struct db_conf *conf, struct arena *mem)
{
	struct db_conf hasty = *conf;
	struct db *db;
	struct list l = { .db = NULL };
	int64_t slept;
	struct db_col out[] = { db_get_int(&l.id), db_get_text(&l.text), db_get_int(&slept) };

	hasty.timeout_s = 2;
	db = db_open(&hasty, table, DB_LEN(table), DB_USER_CTL);
	db_use(db, mem);
	is_int(db_stream(db, KILL, NULL, 0, out, DB_LEN(out), list_add, &l), DB_DOWN,
	    "a result that breaks off is DB_DOWN");
	ok(l.rows > 0 && l.rows < 400, "and is not read again from its beginning");
	db_close(db);
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new();
	struct db_conf conf;
	struct db *db;

	(void)argc;
	with_db(argv);
	conf = with_db_conf(with_db_fresh("test_db_large"));
	with_db_script(conf.database, "CREATE TABLE t (id INT PRIMARY KEY, txt LONGTEXT NULL)");
	db = db_open(&conf, table, DB_LEN(table), DB_USER_CTL);
	db_use(db, mem);
	test_statement(db, mem);
	test_stream(db, mem);
	test_stream_cut(&conf, mem);
	db_close(db);
	with_db_drop(conf.database);
	arena_free(mem);
	return tap_done();
}

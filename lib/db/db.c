/*
 * Statements, rows and transactions. Invariant: after a transaction was lost (rolled back by the
 * server, or its connection broke), none of its further statements reaches the server.
 */
#include "lib/db/db.h"

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/db/db_bind.h"
#include "lib/db/db_conn.h"
#include "lib/log.h"
#include "lib/xalloc.h"

#define RERUNS 5
#define PACKET_HEAD 64 /* of an execution, more than it takes */
#define PARAM_HEAD 24  /* kind, length, or a number, time or UUID */

/* One execution of a statement. */
struct call {
	const struct db_stmt *desc;
	unsigned stmt;
	const struct db_param *in;
	size_t sets; /* of parameters; 0: one, bound as values and not as arrays */
	struct db_col *out;
	size_t out_len;
	void (*row)(void *arg); /* NULL: the first row only */
	void *arg;
	bool stream;   /* rows are delivered while they arrive */
	uint64_t rows; /* fetched, or changed */
};

const char *
db_rc_name(enum db_rc rc)
{
	switch (rc) {
	case DB_OK: return "ok";
	case DB_NONE: return "none";
	case DB_DUP: return "duplicate";
	case DB_RETRY: return "retry";
	case DB_DOWN: return "down";
	case DB_UNKNOWN: return "unknown";
	case DB_FAIL: return "fail";
	}
	return "?";
}

void
db_start(void)
{
	if (mysql_library_init(0, NULL, NULL) != 0)
		panic("event=db_library");
}

struct db *
db_open(
    const struct db_conf *conf, const struct db_stmt *table, size_t table_len, enum db_user user)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->conf = conf;
	db->table = table;
	db->table_len = table_len;
	db->user = user;
	db->stmts = xcalloc(table_len ? table_len : 1, sizeof(*db->stmts));
	db->scratch = db_bind_scratch(table, table_len);
	db->not_before = INT64_MIN;
	(void)db_conn_ready(db); /* the first statement tries again */
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_conn_drop(db);
	mysql_thread_end();
	db_bind_scratch_free(db->scratch);
	free(db->stmts);
	free(db);
}

void
db_use(struct db *db, struct arena *mem)
{
	db->mem = mem;
}

struct arena *
db_mem(struct db *db)
{
	return db->mem;
}

/* 10..50 ms times n, so that colliding transactions do not collide again. */
static void
pause_before(unsigned n)
{
	int64_t ns = (10 + crypto_random32() % 41) * (int64_t)n * 1000000;
	struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	nanosleep(&t, NULL);
}

static bool
stmt_is_read(const struct db_stmt *desc)
{
	return strncasecmp(desc->text, "SELECT", 6) == 0 || strncasecmp(desc->text, "WITH", 4) == 0;
}

/* Of a row that was being streamed, the library notes the error with the connection only. */
static unsigned
fetch_error(struct db *db, MYSQL_STMT *st)
{
	unsigned error = mysql_stmt_errno(st);

	if (error == 0)
		error = mysql_errno(db->my);
	db_conn_note(db, mysql_error(db->my));
	return error != 0 ? error : CR_SERVER_LOST;
}

/* Result rows into the caller's variables. 0 or the error number. */
static unsigned
take_rows(struct db *db, MYSQL_STMT *st, struct call *c)
{
	struct db_slots *slots;
	struct arena *mem = c->stream ? arena_new() : db->mem;
	unsigned generation = db->generation, error = 0;
	int rc;

	if (mysql_stmt_field_count(st) != c->out_len)
		panic("event=db_bug statement=%s reason=\"%u columns, %zu wanted\"", c->desc->name,
		    mysql_stmt_field_count(st), c->out_len);
	if (db->mem == NULL)
		panic("event=db_bug statement=%s reason=\"no arena\"", c->desc->name);
	slots = db_bind_slots(c->out_len);
	if (db_bind_out(slots, st, c->out) != 0)
		error = mysql_stmt_errno(st);
	while (error == 0) {
		rc = mysql_stmt_fetch(st);
		if (rc == MYSQL_NO_DATA)
			break;
		if (rc != 0 && rc != MYSQL_DATA_TRUNCATED) {
			error = fetch_error(db, st);
			break;
		}
		if (db_bind_read(slots, st, c->out, mem) != 0) {
			log_error("event=db_column statement=%s", c->desc->name);
			error = ER_BAD_FIELD_ERROR;
			break;
		}
		c->rows++;
		if (c->row == NULL)
			break;
		c->row(c->arg);
		if (c->stream)
			arena_reset(mem);
		if (db->generation != generation) /* the callback lost the connection */
			break;
	}
	if (db->generation == generation) {
		error = error ? error : mysql_stmt_errno(st);
		mysql_stmt_free_result(st);
	}
	db_bind_slots_free(slots);
	if (c->stream)
		arena_free(mem);
	return error;
}

/* Also for a SELECT ... FOR UPDATE run by db_exec(): counts its rows. */
static unsigned
take_count(MYSQL_STMT *st, struct call *c)
{
	if (mysql_stmt_field_count(st) == 0) {
		c->rows = mysql_stmt_affected_rows(st);
		return 0;
	}
	c->rows = mysql_stmt_num_rows(st);
	mysql_stmt_free_result(st);
	return 0;
}

static int
stmt_bind(struct db *db, MYSQL_STMT *st, const struct call *c)
{
	return c->sets > 0 ? db_bind_many(db->scratch, st, c->desc, c->in, c->sets, db->mem)
			   : db_bind_in(db->scratch, st, c->desc, c->in);
}

/* What its values take on the wire, at most. */
static int64_t
stmt_bytes(const struct call *c)
{
	size_t sets = c->sets > 0 ? c->sets : 1, total = PACKET_HEAD;

	for (size_t k = 0; k < sets; k++)
		for (unsigned i = 0; i < c->desc->binds; i++) {
			const struct db_param *p = &c->in[k * c->desc->params + c->desc->order[i]];

			total += PARAM_HEAD;
			if (p->kind == DB_P_TEXT || p->kind == DB_P_BYTES)
				total += p->len;
		}
	return (int64_t)total;
}

static unsigned
stmt_failed(struct db *db, MYSQL_STMT *st)
{
	db_conn_note(db, mysql_stmt_error(st));
	return mysql_stmt_errno(st) ? mysql_stmt_errno(st) : ER_UNKNOWN_ERROR;
}

/* 0 or the error number. Unless it is streamed, rows come only after the whole result has. */
static unsigned
stmt_send(struct db *db, struct call *c)
{
	unsigned error = 0;
	MYSQL_STMT *st = db_conn_stmt(db, c->stmt, &error);

	if (st == NULL) /* the connection broke before the statement was sent */
		return db_conn_fault(error) == DB_FAULT_CUT ? CR_SERVER_GONE_ERROR : error;
	if (stmt_bytes(c) > db->packet_max) {
		db_conn_note(db, "more than max_allowed_packet");
		return ER_NET_PACKET_TOO_LARGE;
	}
	if (stmt_bind(db, st, c) != 0 || mysql_stmt_execute(st) != 0)
		return stmt_failed(db, st);
	if (mysql_stmt_field_count(st) > 0 && !c->stream && mysql_stmt_store_result(st) != 0)
		return stmt_failed(db, st);
	if (mysql_stmt_errno(st) != 0)
		return stmt_failed(db, st);
	return c->out == NULL ? take_count(st, c) : take_rows(db, st, c);
}

/* The server accepts no work: the next attempt tries another host. */
static void
leave_host(struct db *db, unsigned error)
{
	db->overran = error == ER_STATEMENT_TIMEOUT;
	if (db->overran)
		return;
	log_warn("event=db_leave error=%u text=\"%s\"", error, db->said);
	db->next_host++;
	db_conn_drop(db);
	db->broken = true;
}

static void
log_lost(const struct db *db, const struct call *c, unsigned error)
{
	log_warn("event=db_lost statement=%s error=%u text=\"%s\"", c->desc->name, error, db->said);
}

/* What the server says of a refused value may quote it. */
static enum db_rc
stmt_refuse(struct db *db, const struct call *c, unsigned error)
{
	log_error("event=db_refused statement=%s error=%u text=\"%s\"", c->desc->name, error,
	    db_conn_about_row(error) ? "" : db->said);
	db->not_the_row = !db_conn_about_row(error);
	db->too_large = error == ER_NET_PACKET_TOO_LARGE || error == CR_NET_PACKET_TOO_LARGE;
	return DB_FAIL;
}

static enum db_rc
error_inside(struct db *db, const struct call *c, unsigned error)
{
	switch (db_conn_fault(error)) {
	case DB_FAULT_DUP: return DB_DUP;
	case DB_FAULT_ROLLED_BACK: db->broken = true; return DB_RETRY;
	case DB_FAULT_NOT_SENT:
	case DB_FAULT_CUT:
		log_lost(db, c, error);
		db_conn_drop(db);
		db->broken = true;
		return DB_RETRY;
	case DB_FAULT_DOWN: leave_host(db, error); return DB_DOWN;
	case DB_FAULT_STATEMENT: break;
	}
	return stmt_refuse(db, c, error);
}

/* DB_RETRY: nothing was done, another try may succeed. */
static enum db_rc
error_outside(struct db *db, const struct call *c, unsigned error)
{
	switch (db_conn_fault(error)) {
	case DB_FAULT_DUP: return DB_DUP;
	case DB_FAULT_ROLLED_BACK: return DB_RETRY;
	case DB_FAULT_NOT_SENT:
	case DB_FAULT_CUT:
		log_lost(db, c, error);
		db_conn_drop(db);
		return stmt_is_read(c->desc) || db_conn_fault(error) == DB_FAULT_NOT_SENT
			   ? DB_RETRY
			   : DB_UNKNOWN;
	case DB_FAULT_DOWN: leave_host(db, error); return DB_DOWN;
	case DB_FAULT_STATEMENT: break;
	}
	return stmt_refuse(db, c, error);
}

static enum db_rc
stmt_run_outside(struct db *db, struct call *c)
{
	unsigned n, lost = 0, error;
	enum db_rc rc;

	for (n = 1;; n++) {
		if (db_conn_ready(db) != DB_OK)
			return DB_DOWN;
		error = stmt_send(db, c);
		rc = error == 0 ? DB_OK : error_outside(db, c, error);
		if (rc != DB_RETRY)
			return rc;
		/* only a read that says how long it waits for a row waits for one at all */
		if (error == ER_LOCK_WAIT_TIMEOUT && stmt_is_read(c->desc))
			return DB_RETRY;
		if (c->stream && c->rows > 0)
			return DB_DOWN;
		if (db->my == NULL && ++lost > 1)
			return DB_DOWN;
		if (n > RERUNS)
			return DB_RETRY;
		if (db->my != NULL)
			pause_before(n);
	}
}

static enum db_rc
stmt_run(struct db *db, struct call *c, size_t in_len)
{
	unsigned error;

	c->desc = &db->table[c->stmt];
	if (in_len != c->desc->params || (c->desc->users & (unsigned)db->user) == 0)
		panic("event=db_bug statement=%s reason=\"%zu parameters for %u, user %d of %u\"",
		    c->desc->name, in_len, c->desc->params, (int)db->user, c->desc->users);
	db->overran = db->too_large = false;
	if (!db->in_transaction)
		return stmt_run_outside(db, c);
	if (db->broken)
		return DB_RETRY;
	error = stmt_send(db, c);
	return error == 0 ? DB_OK : error_inside(db, c, error);
}

enum db_rc
db_exec(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected)
{
	struct call c = { .stmt = stmt, .in = in };
	enum db_rc rc = stmt_run(db, &c, in_len);

	if (affected != NULL)
		*affected = rc == DB_OK ? c.rows : 0;
	return rc == DB_OK && c.rows == 0 ? DB_NONE : rc;
}

enum db_rc
db_exec_any(
    struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected)
{
	enum db_rc rc = db_exec(db, stmt, in, in_len, affected);

	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
db_many_exec(struct db *db, const struct db_many *m, uint64_t *affected)
{
	struct call c = { .stmt = m->stmt, .in = m->in, .sets = m->len > 1 ? m->len : 0 };
	enum db_rc rc;

	if (!db->in_transaction)
		panic("event=db_bug reason=\"many outside a transaction\"");
	rc = m->len == 0 ? DB_OK : stmt_run(db, &c, m->width);
	if (affected != NULL)
		*affected = rc == DB_OK ? c.rows : 0;
	return rc;
}

enum db_rc
db_row(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, struct db_col *out,
    size_t out_len)
{
	struct call c = { .stmt = stmt, .in = in, .out = out, .out_len = out_len };
	enum db_rc rc = stmt_run(db, &c, in_len);

	return rc == DB_OK && c.rows == 0 ? DB_NONE : rc;
}

enum db_rc
db_row_any(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len)
{
	enum db_rc rc = db_row(db, stmt, in, in_len, out, out_len);

	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
db_each(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, struct db_col *out,
    size_t out_len, void (*row)(void *arg), void *arg)
{
	struct call c = { .stmt = stmt, .in = in, .out = out, .out_len = out_len };

	c.row = row;
	c.arg = arg;
	return stmt_run(db, &c, in_len);
}

enum db_rc
db_stream(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len, void (*row)(void *arg), void *arg)
{
	struct call c = { .stmt = stmt, .in = in, .out = out, .out_len = out_len };

	c.row = row;
	c.arg = arg;
	c.stream = !db->in_transaction;
	return stmt_run(db, &c, in_len);
}

static enum db_rc
transaction_begin(struct db *db)
{
	unsigned error, n;

	for (n = 0; n < 2; n++) {
		if (db_conn_ready(db) != DB_OK)
			return DB_DOWN;
		error = db_conn_query(db, "START TRANSACTION");
		if (error == 0)
			return DB_OK;
		db_conn_drop(db);
	}
	return DB_DOWN;
}

static enum db_rc
transaction_commit(struct db *db)
{
	unsigned error = db_conn_query(db, "COMMIT");

	if (error == 0)
		return DB_OK;
	if (db_conn_fault(error) == DB_FAULT_ROLLED_BACK)
		return DB_RETRY;
	log_warn("event=db_commit_unknown error=%u text=\"%s\"", error, db->said);
	db_conn_drop(db);
	return DB_UNKNOWN;
}

static enum db_rc
transaction_run(struct db *db, enum db_rc (*work)(struct db *db, void *arg), void *arg)
{
	enum db_rc rc = transaction_begin(db);

	if (rc != DB_OK)
		return rc;
	db->in_transaction = true;
	db->broken = db->not_the_row = false;
	rc = work(db, arg);
	if (db->broken && rc != DB_DOWN)
		rc = DB_RETRY;
	if (rc == DB_OK)
		rc = transaction_commit(db);
	if (rc != DB_OK && db->my != NULL && db_conn_query(db, "ROLLBACK") != 0)
		db_conn_drop(db);
	db->in_transaction = false;
	return rc;
}

enum db_rc
db_transact(struct db *db, enum db_rc (*work)(struct db *db, void *arg), void *arg)
{
	enum db_rc rc;
	unsigned n;

	if (db->in_transaction)
		panic("event=db_bug reason=\"nested transaction\"");
	for (n = 1;; n++) {
		rc = transaction_run(db, work, arg);
		if (rc != DB_RETRY || n > RERUNS)
			break;
		pause_before(n);
	}
	if (rc == DB_RETRY)
		log_warn("event=db_contention reruns=%d text=\"%s\"", RERUNS, db->said);
	return rc;
}

bool
db_refused_row(const struct db *db)
{
	return !db->not_the_row;
}

bool
db_too_large(const struct db *db)
{
	return db->too_large;
}

void
db_limit_time(struct db *db, int64_t ms)
{
	db->limit_ms = ms;
}

bool
db_overran(const struct db *db)
{
	return db->overran;
}

enum db_rc
db_now(struct db *db, int64_t *us)
{
	unsigned error, n;

	for (n = 0; n < 2; n++) {
		if (db->in_transaction && db->broken)
			return DB_RETRY;
		if (db_conn_ready(db) != DB_OK)
			return DB_DOWN;
		error = db_conn_ask(
		    db, "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))", us);
		if (error == 0)
			return DB_OK;
		if (db->in_transaction)
			db->broken = true;
		db_conn_drop(db);
	}
	return DB_DOWN;
}

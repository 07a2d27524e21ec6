#ifndef LIB_DB_H
#define LIB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db_value.h"

/*
 * MariaDB, for one thread: one connection, statements prepared once on it, READ COMMITTED, UTC,
 * strict mode. The project's only door to mysql.h.
 */
struct db;
struct arena;

/* One entry of the generated statement table (sql/embed.awk). */
struct db_stmt {
	const char *name;           /* file name without .sql */
	const char *text;           /* with ? markers */
	const unsigned char *order; /* for each ?, the index of its parameter */
	unsigned binds;             /* number of ? */
	unsigned params;            /* number of named parameters */
	unsigned users;             /* DB_USER_* bits of the programs that prepare it */
};

enum db_user { DB_USER_APP = 1, DB_USER_WORKER = 2, DB_USER_CTL = 4, DB_USER_SANDBOX = 8 };

struct db_conf {
	const char *socket; /* path, or NULL for host and port */
	const char *host;   /* may be a list "h1:3306,h2:3306" */
	unsigned port;
	const char *user;
	const char *password; /* NULL: none (unix_socket authentication) */
	const char *database; /* NULL: none selected */
	unsigned timeout_s;   /* connect 3 s; read and write this */
};

__extension__ enum MUST_CHECK_TYPE db_rc {
	DB_OK,      /* done; for a row: found */
	DB_NONE,    /* no such row, or nothing matched */
	DB_DUP,     /* a unique key exists already (error 1062); the transaction may go on */
	DB_RETRY,   /* rolled back by the server (1213, 1205, 1020): run the transaction again */
	DB_DOWN,    /* the database cannot be reached; nothing was done */
	DB_UNKNOWN, /* the connection broke in a COMMIT or single write: it may have happened */
	DB_FAIL     /* the statement was refused (our bug or bad data); logged with its name */
};

const char *db_rc_name(enum db_rc rc);

/* Once in main, before threads. */
void db_start(void);

/*
 * Connects; only statements whose `users` has `user`'s bit may be run. Never NULL: while the
 * database is away calls answer DB_DOWN and the next one connects again, no more often than once
 * in 250 ms. conf and table must live on.
 */
struct db *db_open(
    const struct db_conf *conf, const struct db_stmt *table, size_t table_len, enum db_user user);
void db_close(struct db *db);
/* Text and bytes fetched from now on are allocated here. Must be set before the first fetch. */
void db_use(struct db *db, struct arena *mem);
struct arena *db_mem(struct db *db);

/*
 * Connects if need be and checks: MariaDB (not MySQL), >= 10.6, schema version == `schema` (-1: do
 * not look at the schema), every statement of the user can be prepared.
 * DB_OK; DB_DOWN; or DB_FAIL with a static-lifetime-of-db text in *why that says what to do.
 */
enum db_rc db_check(struct db *db, int schema, const char **why);

/*
 * A write. *affected (may be NULL) counts matched rows (CLIENT_FOUND_ROWS), and zero of them is
 * DB_NONE.
 */
enum db_rc db_exec(
    struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected);
/* The same, but zero matched rows are DB_OK. */
enum db_rc db_exec_any(
    struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected);
/*
 * An UPDATE, DELETE or INSERT ... VALUES once for each set, in one round trip, inside a transaction
 * alone. *affected (may be NULL) counts the rows of all; DB_OK also for none, and for no sets. With
 * more than one set, anything but DB_OK leaves some of them done: the caller rolls back.
 */
enum db_rc db_exec_many(struct db *db, unsigned stmt, const struct db_many *m, uint64_t *affected);
static inline enum db_rc
db_many_exec(struct db *db, const struct db_many *m, uint64_t *affected)
{
	return db_exec_many(db, m->stmt, m, affected);
}
/* The first row, or DB_NONE. */
enum db_rc db_row(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len);
/* The same, but no row is DB_OK and leaves the variables of `out` as they were. */
enum db_rc db_row_any(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len);
/* Each row: `row` is called with `out` filled; DB_OK also for no rows. The result is buffered. */
enum db_rc db_each(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len, void (*row)(void *arg), void *arg);

/*
 * BEGIN, work, COMMIT. `work` returns DB_OK to commit; anything else rolls back and is returned.
 * DB_RETRY runs it again, at most five times with jitter, so `work` must start from scratch each
 * time. A lost connection before COMMIT is run again too. A cut COMMIT is DB_UNKNOWN: the caller
 * reads back by key. Nested calls are our bug.
 */
enum db_rc db_transact(struct db *db, enum db_rc (*work)(struct db *db, void *arg), void *arg);
/* After its DB_FAIL: was a row refused (others may do), not the statement, its rights, a table? */
bool db_refused_row(const struct db *db);

/* The database's clock, in microseconds: asked now (one round trip). */
enum db_rc db_now(struct db *db, int64_t *us);

/* For migrations and `init` alone: run ;-separated statements. DB_OK or DB_FAIL/DOWN. */
enum db_rc db_script(struct db *db, const char *sql, const char **why);
/* The same, for one number by a query. */
enum db_rc db_ask(struct db *db, const char *sql, int64_t *out, const char **why);

#endif

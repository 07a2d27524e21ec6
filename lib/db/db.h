#ifndef LIB_DB_H
#define LIB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db_value.h"

/*
 * MariaDB, for one thread: one connection with prepared statements, READ COMMITTED, UTC, strict
 * mode. Only lib/db includes mysql.h.
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
	bool anew;                  /* prepared for each use */
};

enum db_user { DB_USER_APP = 1, DB_USER_WORKER = 2, DB_USER_CTL = 4, DB_USER_SANDBOX = 8 };

struct db_conf {
	const char *socket; /* path, or NULL for host and port */
	const char *host;   /* may be a list "h1:3306,h2:3306" */
	unsigned port;
	const char *user;
	const char *password; /* NULL: none (unix_socket authentication) */
	const char *database; /* NULL: none selected */
	unsigned timeout_s;   /* of reads and writes; connecting takes at most 3 s */
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

/* Call once in main, before threads. */
void db_start(void);

/*
 * Connects. Only statements whose `users` has the bit of `user` may be run. Never NULL: while the
 * database is down, calls return DB_DOWN and each tries to connect again, at most once in 250 ms.
 * conf and table must stay valid.
 */
struct db *db_open(
    const struct db_conf *conf, const struct db_stmt *table, size_t table_len, enum db_user user);
void db_close(struct db *db);
/* Sets the arena for fetched text and bytes. Required before the first fetch. */
void db_use(struct db *db, struct arena *mem);
struct arena *db_mem(struct db *db);

/*
 * Connects if necessary and checks that the server is MariaDB >= 10.6, that the schema version is
 * `schema` (-1: any), and that every statement of the user can be prepared. DB_OK; DB_DOWN; or
 * DB_FAIL with *why (valid as long as db) saying what to do.
 */
enum db_rc db_check(struct db *db, int schema, const char **why);

/*
 * A write. *affected (may be NULL) is the number of matched rows (CLIENT_FOUND_ROWS); zero is
 * DB_NONE.
 */
enum db_rc db_exec(
    struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected);
/* Like db_exec(), but zero matched rows are DB_OK. */
enum db_rc db_exec_any(
    struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected);
/*
 * Runs its UPDATE, DELETE or INSERT ... VALUES for each set in one round trip; only inside a
 * transaction. *affected (may be NULL) is the total number of rows; zero rows or sets are DB_OK.
 * After any other result some sets may have been written: the caller must roll back.
 */
enum db_rc db_many_exec(struct db *db, const struct db_many *m, uint64_t *affected);
/* The first row, or DB_NONE. */
enum db_rc db_row(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len);
/* Like db_row(), but no row is DB_OK and leaves the variables of `out` unchanged. */
enum db_rc db_row_any(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len);
/* Calls `row` for each row, with `out` filled. No rows are DB_OK. The result is buffered. */
enum db_rc db_each(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len, void (*row)(void *arg), void *arg);
/*
 * Like db_each(), but each row is delivered as it arrives, and its text is gone after `row`: a
 * large result is never in memory. `row` must not use the connection. A connection that breaks
 * between two rows is DB_DOWN. Not inside transactions, where it is db_each().
 */
enum db_rc db_stream(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
    struct db_col *out, size_t out_len, void (*row)(void *arg), void *arg);

/*
 * BEGIN, work, COMMIT. `work` returns DB_OK to commit; any other result rolls back and is returned.
 * After DB_RETRY or a connection lost before COMMIT, `work` runs again, at most five times with
 * jitter, and must start from scratch each time. DB_UNKNOWN: the connection broke during COMMIT;
 * the caller reads back by key. Must not be nested.
 */
enum db_rc db_transact(struct db *db, enum db_rc (*work)(struct db *db, void *arg), void *arg);
/* After DB_FAIL of db_transact(): true if a value was refused, so other rows may succeed. */
MUST_CHECK bool db_refused_row(const struct db *db);
/*
 * After DB_FAIL: true if the statement has more bytes than the server takes (max_allowed_packet).
 * It was not sent: the server would hang up, which looks like a lost connection.
 */
MUST_CHECK bool db_too_large(const struct db *db);

/* The database's clock in microseconds; one round trip. */
enum db_rc db_now(struct db *db, int64_t *us);

/*
 * From the next statement or transaction on, a statement that runs longer than `ms` ends with
 * DB_DOWN, and db_overran() is true; 0: the usual limit.
 */
void db_limit_time(struct db *db, int64_t ms);
/* True when the last statement ended because it ran too long. */
MUST_CHECK bool db_overran(const struct db *db);

/* For migrations and `init`: runs ;-separated statements. DB_OK, DB_FAIL or DB_DOWN. */
enum db_rc db_script(struct db *db, const char *sql, const char **why);
/* For migrations and `init`: a query for one number. */
enum db_rc db_ask(struct db *db, const char *sql, int64_t *out, const char **why);

#endif

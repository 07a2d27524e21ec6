#ifndef LIB_DB_H
#define LIB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/uuid.h"

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

/*
 * DB_OK       done (for a row: found)
 * DB_NONE     no row / nothing changed
 * DB_DUP      a unique key was already there (error 1062); the transaction may go on
 * DB_RETRY    rolled back by the server (1213, 1205, 1020): run the whole transaction again
 * DB_DOWN     the database cannot be reached; nothing was done
 * DB_UNKNOWN  a COMMIT or a single write was cut: it may or may not have happened
 * DB_FAIL     the statement itself was refused (our bug or poisonous data); logged with its name
 */
enum db_rc { DB_OK, DB_NONE, DB_DUP, DB_RETRY, DB_DOWN, DB_UNKNOWN, DB_FAIL };

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

/* A parameter: build with the functions below, in the order of the statement's `params:` line. */
struct db_param {
	enum { DB_P_NULL, DB_P_INT, DB_P_TEXT, DB_P_BYTES, DB_P_TIME, DB_P_LIST, DB_P_UUIDS } kind;
	int64_t i;
	const void *p;
	size_t len;
};
struct db_param db_null(void);
struct db_param db_int(int64_t v);
struct db_param db_text(const char *s);              /* NULL: SQL NULL */
struct db_param db_bytes(const void *p, size_t len); /* p NULL: SQL NULL */
struct db_param db_uuid(const struct uuid *u);       /* u NULL: SQL NULL */
struct db_param db_time(int64_t us);                 /* TIME_NONE: SQL NULL */
/* For `:name[64]` in a statement: n <= 64 small numbers; the other places are bound to 255. */
struct db_param db_list(const unsigned char *values, size_t n);
/* The same for n <= 64 UUIDs, which must live until the statement has run; other places: NULL. */
struct db_param db_uuids(const struct uuid *values, size_t n);

/* A column to fetch into: in the order of the SELECT. */
struct db_col {
	enum { DB_C_INT, DB_C_TEXT, DB_C_BYTES, DB_C_UUID, DB_C_TIME } kind;
	void *out;
	size_t *len;
};
struct db_col db_get_int(int64_t *out);      /* NULL reads as 0 */
struct db_col db_get_text(const char **out); /* NULL reads as NULL; in the arena */
struct db_col db_get_bytes(const void **out, size_t *len);
struct db_col db_get_uuid(struct uuid *out); /* NULL reads as the nil UUID */
struct db_col db_get_time(int64_t *out_us);  /* NULL reads as TIME_NONE */

#define DB_LEN(a) (sizeof(a) / sizeof((a)[0]))

/*
 * A write. *affected (may be NULL) counts matched rows (CLIENT_FOUND_ROWS), and zero of them is
 * DB_NONE.
 */
enum db_rc db_exec(
    struct db *db, unsigned stmt, const struct db_param *in, size_t in_len, uint64_t *affected);
/* Sets of parameters for one statement; begin with { 0 }. Values are copied: they may be temporary.
 */
struct db_many {
	struct db_param *in;
	size_t width, len, room;
};
void db_many_add(struct db *db, struct db_many *m, const struct db_param *in, size_t in_len);
/*
 * An UPDATE, DELETE or INSERT ... VALUES once for each set, in one round trip, inside a transaction
 * alone. *affected (may be NULL) counts the rows of all; DB_OK also for none, and for no sets. With
 * more than one set, anything but DB_OK leaves some of them done: the caller rolls back.
 */
enum db_rc db_exec_many(struct db *db, unsigned stmt, const struct db_many *m, uint64_t *affected);
/* The first row, or DB_NONE. */
enum db_rc db_row(struct db *db, unsigned stmt, const struct db_param *in, size_t in_len,
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

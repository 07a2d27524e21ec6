#ifndef LIB_DB_CONN_H
#define LIB_DB_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"

/* Private to lib/db. */

struct st_mysql;
struct st_mysql_stmt;
struct db_scratch;

#define DB_CONN_PAUSE_US 250000LL /* between two attempts to connect */
#define DB_CONN_TIMEOUT_S 3
#define DB_CONN_LIST_MAX 64
#define DB_CONN_LIST_PAD 255

struct db {
	const struct db_conf *conf;
	const struct db_stmt *table;
	size_t table_len;
	enum db_user user;
	struct st_mysql *my;          /* NULL while not connected */
	struct st_mysql_stmt **stmts; /* by statement; NULL: not prepared */
	struct db_scratch *scratch;   /* parameters of the current statement */
	struct arena *mem;
	unsigned generation; /* +1 each time the connection is dropped */
	unsigned next_host;  /* of a host list: the first to try */
	int64_t packet_max;  /* the server's max_allowed_packet */
	int64_t not_before;  /* monotonic: no attempt to connect before this */
	bool failing;        /* the last attempt to connect failed (and was logged) */
	bool in_transaction;
	bool broken;          /* the current transaction is already lost */
	bool too_large;       /* the last refused statement was larger than packet_max */
	bool not_the_row;     /* the statement itself was refused, not a value */
	bool overran;         /* the last statement ran too long */
	int64_t limit_ms;     /* wanted of the next one; 0: the session's own */
	int64_t limited_ms;   /* what the server was told */
	unsigned refused_len; /* number of statements that could not be prepared */
	char refused[256];    /* the first of them, and why */
	char said[256];       /* the server's words for the last error of a statement */
	char why[512];
};

/* What an error number means, regardless of the statement. */
enum db_fault {
	DB_FAULT_STATEMENT, /* refused: our bug or bad data */
	DB_FAULT_DUP,
	DB_FAULT_ROLLED_BACK, /* nothing was kept: run it again */
	DB_FAULT_NOT_SENT,    /* the connection was gone before the statement left */
	DB_FAULT_CUT,         /* the connection was lost while it ran */
	DB_FAULT_DOWN         /* the server accepts no work; nothing was done */
};
enum db_fault db_conn_fault(unsigned error);
/* For DB_FAULT_STATEMENT and DUP: true if the error is about values, so other rows may succeed. */
MUST_CHECK bool db_conn_about_row(unsigned error);

/* Connects if necessary. DB_OK or DB_DOWN (db->why says why). */
enum db_rc db_conn_ready(struct db *db);
/* Closes the connection and its statements, if any. */
void db_conn_drop(struct db *db);
/*
 * The statement, prepared on first use, so that a new connection does not prepare all of them
 * first. NULL and *error on failure.
 */
struct st_mysql_stmt *db_conn_stmt(struct db *db, unsigned stmt, unsigned *error);
/*
 * Prepares every statement of the user. Refused ones are logged and counted in refused_len. 0, or
 * the error number when the connection failed.
 */
unsigned db_conn_prepare_all(struct db *db);
/* Keeps the server's words for an error, for the log. */
void db_conn_note(struct db *db, const char *said);
/* Runs a text statement without a result. 0 or the error number. */
unsigned db_conn_query(struct db *db, const char *text);
/* Runs a text query for one number. 0 or the error number. */
unsigned db_conn_ask(struct db *db, const char *query, int64_t *out);

#endif

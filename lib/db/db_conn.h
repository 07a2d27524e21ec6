#ifndef LIB_DB_CONN_H
#define LIB_DB_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/db/db.h"

/* What lib/db/db.c, lib/db/db_conn.c and lib/db/db_bind.c share. Nobody else includes this. */

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
	struct st_mysql *my;          /* NULL while away */
	struct st_mysql_stmt **stmts; /* by statement; NULL: not prepared */
	struct db_scratch *scratch;   /* parameters of the statement under way */
	struct arena *mem;
	unsigned generation; /* +1 each time the connection is dropped */
	unsigned next_host;  /* of a host list: where to try first */
	int64_t not_before;  /* monotonic: no attempt to connect earlier */
	bool failing;        /* the last attempt to connect failed (and was logged) */
	bool in_transaction;
	bool broken;          /* the transaction under way is already gone */
	bool not_the_row;     /* what was refused in it was the statement itself */
	unsigned refused_len; /* statements that did not prepare */
	char refused[256];    /* the first of them, and why */
	char why[512];
};

/* What an error number means before we know what it hit. */
enum db_fault {
	DB_FAULT_STATEMENT, /* refused: our bug or poisonous data */
	DB_FAULT_DUP,
	DB_FAULT_ROLLED_BACK, /* nothing was kept: run it again */
	DB_FAULT_NOT_SENT,    /* the connection was gone before the statement left */
	DB_FAULT_CUT,         /* the connection was lost while it ran */
	DB_FAULT_DOWN         /* the server takes no work; nothing was done */
};
enum db_fault db_conn_fault(unsigned error);
/* Of DB_FAULT_STATEMENT and DUP: is it about the values, so that another row may do? */
bool db_conn_about_row(unsigned error);

/* Connects when there is no connection. DB_OK or DB_DOWN (db->why says why). */
enum db_rc db_conn_ready(struct db *db);
/* Closes the connection and its statements; harmless without one. */
void db_conn_drop(struct db *db);
/*
 * The statement, prepared when it is first used on this connection: a connection that keeps
 * breaking does not begin with all of them. NULL when that fails; *error is then the error number.
 */
struct st_mysql_stmt *db_conn_stmt(struct db *db, unsigned stmt, unsigned *error);
/*
 * Prepares every statement of the user. A refused one is logged, counted in refused_len and left
 * out; 0, or the number of an error of the connection.
 */
unsigned db_conn_prepare_all(struct db *db);
/* Runs a text without a result. 0 or the error number. */
unsigned db_conn_query(struct db *db, const char *text);
/* One number by a text query. 0 or the error number. */
unsigned db_conn_ask(struct db *db, const char *query, int64_t *out);

#endif

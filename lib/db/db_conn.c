/*
 * The connection: options, session, prepared statements, and the meaning of error numbers.
 * Invariant: a connection is fully set up or closed.
 */
#include "lib/db/db_conn.h"

#include <errmsg.h>
#include <inttypes.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/xalloc.h"

#define HOSTS_MAX 16
#define SETUP_MAX 400

enum db_fault
db_conn_fault(unsigned error)
{
	switch (error) {
	case ER_DUP_ENTRY: return DB_FAULT_DUP;
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_LOCK_TABLE_FULL:
	case ER_CHECKREAD:         /* changed since the snapshot */
	case ER_UNKNOWN_COM_ERROR: /* 1047: not in the Galera primary component */
		return DB_FAULT_ROLLED_BACK;
	case CR_SERVER_GONE_ERROR: return DB_FAULT_NOT_SENT;
	case CR_SERVER_LOST:
	case CR_SERVER_LOST_EXTENDED:
	case CR_MALFORMED_PACKET:
	case CR_COMMANDS_OUT_OF_SYNC:
	case ER_SERVER_SHUTDOWN:
	case ER_QUERY_INTERRUPTED:
	case ER_CONNECTION_KILLED:
	case ER_ERROR_DURING_COMMIT: /* Galera: it may have happened */ return DB_FAULT_CUT;
	case CR_CONNECTION_ERROR:
	case CR_CONN_HOST_ERROR:
	case CR_UNKNOWN_HOST:
	case ER_CON_COUNT_ERROR:
	case ER_TOO_MANY_USER_CONNECTIONS:
	case ER_USER_LIMIT_REACHED:
	case ER_ACCESS_DENIED_ERROR:
	case ER_DBACCESS_DENIED_ERROR:
	case ER_BAD_DB_ERROR:
	case ER_DISK_FULL:
	case ER_ERROR_ON_WRITE:
	case ER_GET_ERRNO: /* any error of the storage engine, such as a full disk */
	case ER_OUTOFMEMORY:
	case ER_OUT_OF_SORTMEMORY:
	case ER_OUT_OF_RESOURCES:
	case ER_RECORD_FILE_FULL: /* a full disk, when a table grows */
	case ER_TEMP_FILE_WRITE_FAILURE:
	case ER_TOO_MANY_CONCURRENT_TRXS:  /* no undo log available */
	case ER_OPTION_PREVENTS_STATEMENT: /* read-only server */
	case ER_READ_ONLY_MODE:
	case ER_STATEMENT_TIMEOUT: /* undone */ return DB_FAULT_DOWN;
	}
	return DB_FAULT_STATEMENT;
}

bool
db_conn_about_row(unsigned error)
{
	switch (error) {
	case ER_DUP_ENTRY:
	case ER_BAD_NULL_ERROR:
	case ER_NO_DEFAULT_FOR_FIELD:
	case ER_TOO_BIG_ROWSIZE:
	case ER_NET_PACKET_TOO_LARGE:
	case CR_NET_PACKET_TOO_LARGE:
	case ER_WARN_DATA_OUT_OF_RANGE:
	case WARN_DATA_TRUNCATED:
	case ER_TRUNCATED_WRONG_VALUE:
	case ER_INVALID_CHARACTER_STRING:
	case ER_DIVISION_BY_ZERO:
	case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
	case ER_DATA_TOO_LONG:
	case ER_ROW_IS_REFERENCED_2:
	case ER_NO_REFERENCED_ROW_2:
	case ER_SIGNAL_EXCEPTION: /* from a trigger of the operator */
	case ER_DATA_OUT_OF_RANGE:
	case ER_CONSTRAINT_FAILED:
	case ER_JSON_SYNTAX: return true;
	}
	return false;
}

void
db_conn_drop(struct db *db)
{
	size_t i;

	if (db->my == NULL)
		return;
	for (i = 0; i < db->table_len; i++)
		if (db->stmts[i] != NULL)
			mysql_stmt_close(db->stmts[i]);
	if (db->table_len > 0)
		memset(db->stmts, 0, db->table_len * sizeof(db->stmts[0]));
	mysql_close(db->my);
	db->my = NULL;
	db->generation++;
}

void
db_conn_note(struct db *db, const char *said)
{
	snprintf(db->said, sizeof(db->said), "%s", said);
}

unsigned
db_conn_query(struct db *db, const char *text)
{
	if (mysql_real_query(db->my, text, strlen(text)) == 0)
		return 0;
	db_conn_note(db, mysql_error(db->my));
	return mysql_errno(db->my) ? mysql_errno(db->my) : CR_SERVER_LOST;
}

unsigned
db_conn_ask(struct db *db, const char *query, int64_t *out)
{
	unsigned error = db_conn_query(db, query);
	MYSQL_RES *result;
	MYSQL_ROW row;

	*out = 0;
	if (error != 0)
		return error;
	result = mysql_store_result(db->my);
	if (result == NULL)
		return mysql_errno(db->my) ? mysql_errno(db->my) : ER_UNKNOWN_ERROR;
	row = mysql_fetch_row(result);
	if (row == NULL || row[0] == NULL || num_parse(row[0], INT64_MIN, INT64_MAX, out) != 0)
		error = ER_UNKNOWN_ERROR;
	mysql_free_result(result);
	return error;
}

/* The statement, or NULL and *error. The first refused one is noted in db->refused. */
static MYSQL_STMT *
stmt_prepare(struct db *db, unsigned at, unsigned *error)
{
	const struct db_stmt *desc = &db->table[at];
	MYSQL_STMT *st = mysql_stmt_init(db->my);

	if (st == NULL)
		panic("event=out_of_memory");
	if (mysql_stmt_prepare(st, desc->text, strlen(desc->text)) == 0)
		return st;
	*error = mysql_stmt_errno(st) ? mysql_stmt_errno(st) : CR_SERVER_LOST;
	db_conn_note(db, mysql_stmt_error(st));
	if (db_conn_fault(*error) == DB_FAULT_STATEMENT) {
		if (db->refused_len++ == 0) {
			snprintf(db->refused, sizeof(db->refused), "%s: %s", desc->name,
			    mysql_stmt_error(st));
			log_error("event=db_statement_refused statement=%s error=%u text=\"%s\"",
			    desc->name, *error, mysql_stmt_error(st));
		} else {
			log_debug("event=db_statement_refused statement=%s error=%u text=\"%s\"",
			    desc->name, *error, mysql_stmt_error(st));
		}
	}
	mysql_stmt_close(st);
	return NULL;
}

MYSQL_STMT *
db_conn_stmt(struct db *db, unsigned at, unsigned *error)
{
	if (db->stmts[at] != NULL && db->table[at].anew) {
		mysql_stmt_close(db->stmts[at]);
		db->stmts[at] = NULL;
	}
	if (db->stmts[at] == NULL)
		db->stmts[at] = stmt_prepare(db, at, error);
	return db->stmts[at];
}

unsigned
db_conn_prepare_all(struct db *db)
{
	unsigned i, error = 0;

	db->refused_len = 0;
	for (i = 0; i < db->table_len; i++) {
		if ((db->table[i].users & (unsigned)db->user) == 0)
			continue;
		if (db_conn_stmt(db, i, &error) == NULL &&
		    db_conn_fault(error) != DB_FAULT_STATEMENT)
			return error;
	}
	return 0;
}

static unsigned
usual_limit_s(const struct db *db)
{
	return db->conf->timeout_s > 1 ? db->conf->timeout_s - 1 : 1;
}

/*
 * The server's limits are below ours, so that timeouts on our side are rare and no query outlives
 * its caller. A transaction whose owner hangs is rolled back before others that wait for its locks
 * time out.
 */
static unsigned
session_set_up(struct db *db)
{
	unsigned seconds = db->conf->timeout_s, error;
	char text[SETUP_MAX];

	snprintf(text, sizeof(text),
	    "SET SESSION time_zone = '+00:00', sql_mode = "
	    "'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
	    "NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE', "
	    "innodb_lock_wait_timeout = %u, idle_transaction_timeout = %u, "
	    "max_statement_time = %u, autocommit = 1",
	    seconds > 3 ? seconds / 2 : 1, seconds > 3 ? seconds / 3 : 1, usual_limit_s(db));
	db->limited_ms = 0;
	error = db_conn_query(db, text);
	if (error == 0)
		error = db_conn_ask(db, "SELECT @@max_allowed_packet", &db->packet_max);
	if (error == 0)
		error = db_conn_query(db, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
	/* Galera behind a load balancer: see what another node wrote. Fails elsewhere. */
	if (error == 0 && db->user == DB_USER_APP && db->conf->socket == NULL &&
	    db_conn_query(db, "SET SESSION wsrep_sync_wait = 1") != 0)
		log_debug("event=db_no_wsrep");
	return error;
}

static void
set_options(MYSQL *my, unsigned seconds)
{
	const unsigned connect_s = DB_CONN_TIMEOUT_S, off = 0;
	const my_bool no = 0;

	mysql_options(my, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(my, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(my, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(my, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_options(my, MYSQL_OPT_RECONNECT, &no);
	mysql_options(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
}

/* Connects to one host (NULL: the socket). 0, or the error number with db->why filled. */
static unsigned
connect_host(struct db *db, const char *host, unsigned port)
{
	const struct db_conf *c = db->conf;
	MYSQL *my = mysql_init(NULL);
	unsigned error;

	if (my == NULL)
		panic("event=out_of_memory");
	set_options(my, c->timeout_s ? c->timeout_s : 10);
	if (mysql_real_connect(my, host, c->user, c->password, c->database, port,
		host == NULL ? c->socket : NULL, CLIENT_FOUND_ROWS) == NULL) {
		error = mysql_errno(my);
		snprintf(db->why, sizeof(db->why),
		    "cannot connect to the database at %s as \"%s\": %s",
		    host ? host : (c->socket ? c->socket : "its default socket"),
		    c->user ? c->user : "", mysql_error(my));
		mysql_close(my);
		return error ? error : CR_CONNECTION_ERROR;
	}
	db->my = my;
	error = session_set_up(db);
	if (error != 0) {
		snprintf(db->why, sizeof(db->why),
		    "the database at %s cannot be used: error %u: %s",
		    host ? host : (c->socket ? c->socket : "its default socket"), error,
		    mysql_errno(my) ? mysql_error(my) : "statement failed");
		db_conn_drop(db);
	}
	return error;
}

/* Splits "host", "host:port", "[v6]" or "[v6]:port" in place. */
static void
split_host(char *item, const char **host, unsigned *port)
{
	char *colon = strrchr(item, ':'), *bracket = strrchr(item, ']');
	int64_t n;

	*host = item;
	if (colon != NULL && (bracket == NULL ? strchr(item, ':') == colon : colon > bracket) &&
	    num_parse(colon + 1, 1, 65535, &n) == 0) {
		*port = (unsigned)n;
		*colon = '\0';
	}
	if (item[0] == '[' && bracket != NULL) {
		*bracket = '\0';
		*host = item + 1;
	}
}

static unsigned
connect_any_host(struct db *db)
{
	char *copy, *items[HOSTS_MAX], *rest, *item;
	unsigned len = 0, i, error = CR_CONNECTION_ERROR, port;
	const char *host;

	if (db->conf->socket != NULL || db->conf->host == NULL)
		return connect_host(db, NULL, 0);
	copy = rest = xstrdup(db->conf->host);
	while ((item = strsep(&rest, ", ")) != NULL)
		if (*item != '\0' && len < HOSTS_MAX)
			items[len++] = item;
	for (i = 0; i < len; i++) {
		port = db->conf->port ? db->conf->port : 3306;
		split_host(items[(db->next_host + i) % len], &host, &port);
		error = connect_host(db, host, port);
		if (error == 0)
			break;
	}
	db->next_host = len > 0 ? (db->next_host + i) % len : 0;
	free(copy);
	return error;
}

/* Tells the server the limit that is wanted now. False: the connection is lost. */
static bool
limit_set(struct db *db)
{
	int64_t usual_ms = usual_limit_s(db) * INT64_C(1000);
	int64_t ms = db->limit_ms > 0 && db->limit_ms < usual_ms ? db->limit_ms : usual_ms;
	char text[80];

	if (db->limit_ms == db->limited_ms)
		return true;
	snprintf(text, sizeof(text), "SET SESSION max_statement_time = %" PRId64 ".%03d", ms / 1000,
	    (int)(ms % 1000));
	if (db_conn_query(db, text) != 0) {
		db_conn_drop(db);
		return false;
	}
	db->limited_ms = db->limit_ms;
	return true;
}

/* No statement is running, so readable data means that the server closed the connection. */
static bool
server_hung_up(struct db *db)
{
	struct pollfd fd = { .fd = (int)mysql_get_socket(db->my), .events = POLLIN };

	return poll(&fd, 1, 0) != 0 && mysql_ping(db->my) != 0;
}

enum db_rc
db_conn_ready(struct db *db)
{
	unsigned error;

	if (db->my != NULL && !db->in_transaction && server_hung_up(db))
		db_conn_drop(db);
	if (db->my != NULL && (db->in_transaction || limit_set(db)))
		return DB_OK;
	if (clock_mono_us() < db->not_before)
		return DB_DOWN;
	error = connect_any_host(db);
	if (error == 0) {
		if (db->failing)
			log_info("event=db_connected_again");
		db->failing = false;
		return limit_set(db) ? DB_OK : DB_DOWN;
	}
	db->not_before = clock_mono_us() + DB_CONN_PAUSE_US;
	if (!db->failing)
		log_error("event=db_down error=%u text=\"%s\"", error, db->why);
	db->failing = true;
	return DB_DOWN;
}

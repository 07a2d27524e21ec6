/* Checks the server and its schema, and says what to do if they do not fit this program. */
#include "lib/db/db_check.h"

#include <inttypes.h>
#include <mysql.h>
#include <stdio.h>

#include "lib/db/db.h"
#include "lib/db/db_conn.h"

#define MARIADB_MIN 100600

const char *
db_check_server(bool mariadb, unsigned long version, const char *shown, char *room, size_t len)
{
	if (!mariadb)
		snprintf(room, len,
		    "the server is MySQL %s: Pintempo needs MariaDB 10.6 or later, MySQL will not "
		    "do; install MariaDB",
		    shown);
	else if (version < MARIADB_MIN)
		snprintf(room, len,
		    "MariaDB %s is too old: Pintempo needs 10.6 or later; upgrade the server",
		    shown);
	else
		return NULL;
	return room;
}

static const char *
connection_lost(struct db *db)
{
	snprintf(db->why, sizeof(db->why), "the connection to the database was lost");
	db_conn_drop(db);
	return db->why;
}

/* The fault of the server or its schema, or NULL. *down: the fault is temporary. */
static const char *
schema_fault(struct db *db, int schema, bool *down)
{
	int64_t have;
	unsigned error;

	if (db_check_server(mariadb_connection(db->my), mysql_get_server_version(db->my),
		mysql_get_server_info(db->my), db->why, sizeof(db->why)) != NULL)
		return db->why;
	if (schema < 0)
		return NULL;
	error = db_conn_ask(db, "SELECT COALESCE(MAX(version), 0) FROM schema_versions", &have);
	*down = error != 0 && db_conn_fault(error) != DB_FAULT_STATEMENT;
	if (*down)
		return connection_lost(db);
	if (error != 0 && db_conn_ask(db, DB_CHECK_PRE_RELEASE, &have) == 0 && have > 0)
		return DB_CHECK_REFUSED;
	if (error != 0) {
		snprintf(db->why, sizeof(db->why),
		    "database '%s' has no Pintempo tables (error %u: %s); run: pintempo init",
		    db->conf->database ? db->conf->database : "", error, db->said);
		return db->why;
	}
	if (have != schema) {
		snprintf(db->why, sizeof(db->why),
		    "database '%s' has schema version %" PRId64 ", this program needs %d; %s",
		    db->conf->database ? db->conf->database : "", have, schema,
		    have < schema ? "run: pintempo migrate" : "upgrade this program");
		return db->why;
	}
	return NULL;
}

enum db_rc
db_check(struct db *db, int schema, const char **why)
{
	bool down = false;

	*why = NULL;
	if (db_conn_ready(db) != DB_OK) {
		*why = db->why;
		return DB_DOWN;
	}
	*why = schema_fault(db, schema, &down);
	if (*why == NULL && db_conn_prepare_all(db) != 0) {
		*why = connection_lost(db);
		down = true;
	}
	if (down)
		return DB_DOWN;
	if (*why == NULL && db->refused_len > 0) {
		snprintf(db->why, sizeof(db->why),
		    "%u statements are refused by the database, first %s; check the rights of user "
		    "'%s' with: pintempo init",
		    db->refused_len, db->refused, db->conf->user ? db->conf->user : "");
		*why = db->why;
	}
	return *why == NULL ? DB_OK : DB_FAIL;
}

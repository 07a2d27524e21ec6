/* One number by a text query, for migrations and `init`. */
#include "lib/db.h"

#include <mysql.h>
#include <stdio.h>

#include "lib/db_conn.h"

enum db_rc
db_ask(struct db *db, const char *sql, int64_t *out, const char **why)
{
	unsigned error;

	*why = db->why;
	if (db_conn_ready(db) != DB_OK)
		return DB_DOWN;
	error = db_conn_ask(db, sql, out);
	if (error == 0)
		return DB_OK;
	snprintf(db->why, sizeof(db->why), "error %u: %s", error, mysql_error(db->my));
	return DB_FAIL;
}

/* Text statements for migrations and `init`: scripts and queries for one number. */
#include "lib/db/db.h"

#include <mysql.h>
#include <stdio.h>
#include <string.h>

#include "lib/db/db_conn.h"

/* Reads all results of a multi-statement text. *at: the number of the statement that failed. */
static unsigned
run_script(MYSQL *my, const char *sql, unsigned *at)
{
	MYSQL_RES *result;
	int more = mysql_real_query(my, sql, strlen(sql));

	for (*at = 1; more == 0; (*at)++) {
		result = mysql_store_result(my);
		if (result != NULL)
			mysql_free_result(result);
		else if (mysql_errno(my) != 0)
			return mysql_errno(my);
		more = mysql_next_result(my);
	}
	return more > 0 ? mysql_errno(my) : 0;
}

enum db_rc
db_script(struct db *db, const char *sql, const char **why)
{
	unsigned error, at = 0;

	*why = db->why;
	if (db_conn_ready(db) != DB_OK)
		return DB_DOWN;
	db_conn_query(db, "SET SESSION max_statement_time = 0");
	mysql_set_server_option(db->my, MYSQL_OPTION_MULTI_STATEMENTS_ON);
	error = run_script(db->my, sql, &at);
	if (error == 0) {
		mysql_set_server_option(db->my, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
		return DB_OK;
	}
	snprintf(
	    db->why, sizeof(db->why), "statement %u: error %u: %s", at, error, mysql_error(db->my));
	db_conn_drop(db);
	return DB_FAIL;
}

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

/* The database's clock, asked by one round trip. */
#include "lib/db.h"

#include "lib/db_conn.h"

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

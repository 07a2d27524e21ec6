/* Ends waits that only the operator could end. Lanes are locked before apps, as turns do. */
#include "sql/store_app.h"

#include "sql/stmt.h"

enum db_rc
store_app_try_again(struct db *db, enum environment environment)
{
	const struct db_param env = db_int(environment);
	enum db_rc rc = db_exec_any(db, SQL_IN(lane_wake_operator, .environment = env), NULL);

	if (rc == DB_OK)
		rc = db_exec_any(db, SQL_IN(account_refresh_again, .environment = env), NULL);
	return rc == DB_OK ? db_exec(db, SQL_IN(app_probe_now, .environment = env), NULL) : rc;
}

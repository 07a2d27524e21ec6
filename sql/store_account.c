/* A connected account, as whoever creates for it needs it. */
#include "sql/store.h"

#include "sql/stmt.h"

enum db_rc
store_account_get(struct db *db, const struct uuid *project, const struct uuid *account,
    struct store_account *out)
{
	int64_t shard, environment, revoked, paused, reconnect;
	const struct db_param in[] = { db_uuid(project), db_uuid(account) };
	struct db_col cols[] = {
		db_get_uuid(&out->id),
		db_get_uuid(&out->project_id),
		db_get_uuid(&out->lane_id),
		db_get_int(&shard),
		db_get_int(&environment),
		db_get_int(&revoked),
		db_get_int(&paused),
		db_get_int(&reconnect),
		db_get_time(&out->boards_at_us),
	};
	enum db_rc rc = db_row(db, STMT_ACCOUNT_GET, in, DB_LEN(in), cols, DB_LEN(cols));

	if (rc != DB_OK)
		return rc;
	out->shard = (unsigned)shard;
	out->environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	out->revoked = revoked != 0;
	out->paused = paused != 0;
	out->reconnect = reconnect != 0;
	return DB_OK;
}

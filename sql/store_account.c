/* Reads a connected account for creating pins. */
#include "sql/store.h"

#include "sql/stmt.h"

enum db_rc
store_account_get(struct db *db, const struct uuid *project, const struct uuid *account,
    struct store_account *out)
{
	int64_t shard, environment, revoked, paused, reconnect, scope_missing;
	enum db_rc rc = db_row(db,
	    SQL_IN(account_get, .project = db_uuid(project), .account = db_uuid(account)),
	    SQL_OUT(account_get, .id = db_get_uuid(&out->id),
		.project_id = db_get_uuid(&out->project_id), .lane_id = db_get_uuid(&out->lane_id),
		.shard = db_get_int(&shard), .environment = db_get_int(&environment),
		.revoked = db_get_int(&revoked), .paused = db_get_int(&paused),
		.unhealthy = db_get_int(&reconnect), .scope_missing = db_get_int(&scope_missing),
		.scopes = db_get_text(&out->scopes), .boards_at = db_get_time(&out->boards_at_us)));

	if (rc != DB_OK)
		return rc;
	out->shard = (unsigned)shard;
	out->environment = environment == ENV_SANDBOX ? ENV_SANDBOX : ENV_PRODUCTION;
	out->revoked = revoked != 0;
	out->paused = paused != 0;
	out->reconnect = reconnect != 0;
	out->unhealthy = !out->reconnect      ? WAIT_NONE
			 : scope_missing != 0 ? WAIT_SCOPE
					      : WAIT_RECONNECT;
	return DB_OK;
}

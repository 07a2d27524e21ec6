/* Reading a pin with its last attempt: what is left of it when nobody here sent it. */
#include "worker/pin/last_attempt_db.h"

#include "sql/stmt.h"

enum db_rc
last_attempt_read(
    struct db *db, const struct uuid *lane, const struct uuid *pin, struct last_attempt *o)
{
	const struct db_param in[] = { db_uuid(lane), db_uuid(pin) };
	struct db_col out[] = { db_get_uuid(&o->project_id), db_get_int(&o->state),
		db_get_int(&o->attempts), db_get_uuid(&o->worker_id), db_get_time(&o->opened_us),
		db_get_int(&o->outcome), db_get_time(&o->gate_us), db_get_int(&o->http_status),
		db_get_int(&o->code), db_get_text(&o->message), db_get_text(&o->request_id),
		db_get_text(&o->pinterest_pin_id), db_get_time(&o->not_after_us) };

	return db_row(db, STMT_ATTEMPT_GET_LAST, in, DB_LEN(in), out, DB_LEN(out));
}

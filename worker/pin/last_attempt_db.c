/* Reads a pin with its last attempt: all that is known of a pin that this worker did not send. */
#include "worker/pin/last_attempt_db.h"

#include "sql/stmt.h"

enum db_rc
last_attempt_read(
    struct db *db, const struct uuid *lane, const struct uuid *pin, struct last_attempt *o)
{
	return db_row(db, SQL_IN(attempt_get_last, .lane = db_uuid(lane), .pin = db_uuid(pin)),
	    SQL_OUT(attempt_get_last, .project_id = db_get_uuid(&o->project_id),
		.state = db_get_int(&o->state), .attempts = db_get_int(&o->attempts),
		.worker_id = db_get_uuid(&o->worker_id), .opened_at = db_get_time(&o->opened_us),
		.outcome = db_get_int(&o->outcome), .gate_at = db_get_time(&o->gate_us),
		.http_status = db_get_int(&o->http_status), .pinterest_code = db_get_int(&o->code),
		.message = db_get_text(&o->message), .request_id = db_get_text(&o->request_id),
		.pinterest_pin_id = db_get_text(&o->pinterest_pin_id),
		.not_after = db_get_time(&o->not_after_us)));
}

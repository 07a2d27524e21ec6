/* Pins and schedules by the id that the client's own system gave them. */
#include "app/api/handlers.h"
#include "app/api/pin_view.h"
#include "app/http/call.h"
#include "sql/stmt.h"

SQL_SAME_OUT(pin_by_external, schedule_by_external);

static void
lookup_show(struct call *c, const struct pin_view_kind *kind, unsigned stmt,
    const struct db_param *in, size_t in_len)
{
	struct pin_view r;
	struct uuid id;
	enum db_rc rc =
	    db_row(c->db, stmt, in, in_len, SQL_OUT(pin_by_external, .id = db_get_uuid(&id)));

	if (call_found(c, rc, kind->name) && pin_view_load(c, kind, &id, &r))
		pin_view_reply_one(c, kind, &r);
}

#define EXTERNAL_IN(c)                                                                             \
	.project = db_uuid(&(c)->who.project_id), .allow = db_text((c)->who.account_ids),          \
	.external = db_text((c)->param[0])

/* GET /v1/pins/by-external-id/{external_id} */
void
lookup_pin(struct call *c)
{
	lookup_show(c, &pin_view_pin, SQL_IN(pin_by_external, EXTERNAL_IN(c)));
}

/* GET /v1/schedules/by-external-id/{external_id} */
void
lookup_schedule(struct call *c)
{
	lookup_show(c, &pin_view_schedule, SQL_IN(schedule_by_external, EXTERNAL_IN(c)));
}

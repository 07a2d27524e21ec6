/* The outbox: an event and its deliveries, written in the transaction of the transition. */
#include "sql/store.h"

#include "lib/clock.h"
#include "sql/stmt.h"

/* One webhook of the fan-out at a time. */
struct fan {
	struct db *db;
	const struct event_pin *e;
	int64_t deadline_s;
	struct uuid webhook;
	int64_t shard, enabled;
	enum db_rc rc;
};

static void
deliver_to(void *arg)
{
	struct fan *f = arg;
	struct uuid id = uuid_v7(clock_wall_us());
	const struct db_param in[] = {
		db_uuid(&id),
		db_uuid(&f->e->project_id),
		db_uuid(&f->e->id),
		db_uuid(&f->webhook),
		db_int(f->shard),
		db_int(f->enabled != 0),
		db_int(f->deadline_s),
	};

	if (f->rc == DB_OK)
		f->rc = db_exec(f->db, STMT_STORE_DELIVERY_INSERT, in, DB_LEN(in), NULL);
}

static enum db_rc
insert_event(struct db *db, const struct event_pin *e)
{
	size_t len;
	const char *body = event_body(e, db_mem(db), &len);
	const struct db_param in[] = {
		db_uuid(&e->id),
		db_uuid(&e->project_id),
		db_int(e->type),
		db_uuid(&e->pin_id),
		db_int(e->version),
		db_bytes(body, len),
		db_time(e->at_us),
	};

	return db_exec(db, STMT_STORE_EVENT_INSERT, in, DB_LEN(in), NULL);
}

enum db_rc
store_event(struct db *db, const struct event_pin *e, int64_t deadline_s)
{
	struct fan f = { .db = db, .e = e, .deadline_s = deadline_s, .rc = DB_OK };
	const struct db_param in[] = { db_uuid(&e->project_id), db_int(EVENT_BIT(e->type)) };
	struct db_col out[] = {
		db_get_uuid(&f.webhook),
		db_get_int(&f.shard),
		db_get_int(&f.enabled),
	};
	enum db_rc rc = insert_event(db, e);

	if (rc == DB_OK)
		rc = db_each(db, STMT_STORE_EVENT_WEBHOOKS, in, DB_LEN(in), out, DB_LEN(out),
		    deliver_to, &f);
	return rc == DB_OK ? f.rc : rc;
}

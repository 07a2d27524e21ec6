#ifndef APP_API_LANE_METER_H
#define APP_API_LANE_METER_H

#include "lib/db/db.h"
#include "lib/forecast.h"
#include "lib/uuid.h"

struct call;

/* An account's lane now, at the account's own or the configured pace, by the database's clock. */
struct lane_meter {
	struct forecast_lane lane; /* its bucket refilled up to now_us */
	int64_t now_us;
};

/* DB_NONE: the project has no such account, or disconnected it. */
enum db_rc lane_meter_get(struct call *c, const struct uuid *account, struct lane_meter *m);

#endif

/* GET /v1/limits: what the caller's credential and project may use, and use now. */
#include <json-c/json.h>

#include "app/api/handlers.h"
#include "app/api/import_rows.h"
#include "app/http/admit.h"
#include "app/http/call.h"
#include "app/http/limits.h"
#include "app/http/ratelimit.h"
#include "lib/json.h"

/* used -1: it cannot be counted. */
static void
limit_add(struct json_object *list, const struct limit_use *u, const char *of)
{
	struct json_object *o = json_object_new_object();
	int64_t remaining = u->limit > u->used ? u->limit - u->used : 0;

	json_put_text(o, "name", u->name);
	json_put_text(o, "of", of);
	json_put_int(o, "limit", u->limit);
	json_put(o, "used", u->used >= 0 ? json_object_new_int64(u->used) : NULL);
	json_put(o, "remaining", u->used >= 0 ? json_object_new_int64(remaining) : NULL);
	json_put_text(o, "setting", u->setting);
	if (u->own)
		json_put_bool(o, "own", true);
	json_object_array_add(list, o);
}

static void
shares_add(const struct call *c, struct json_object *list)
{
	const struct bucket_rate rate = admit_rate(c);
	struct admit_use in_hand, long_ones;
	struct json_object *requests;

	admit_uses(c, &in_hand, &long_ones);
	limit_add(list,
	    &(struct limit_use){ .name = "requests",
		.setting = "[limits] requests_burst, requests_per_s",
		.limit = rate.capacity,
		.used = rate.capacity - c->meter_left,
		.own = limit_is_own(&c->own, LIMIT_REQUESTS_BURST) ||
		       limit_is_own(&c->own, LIMIT_REQUESTS_PER_S) },
	    c->who.kind == WHO_KEY ? "api_key" : "person");
	requests = json_object_array_get_idx(list, json_object_array_length(list) - 1);
	json_put_int(requests, "window_s", ratelimit_window_s(&rate));
	limit_add(list,
	    &(struct limit_use){ .name = "requests_in_hand",
		.setting = "[limits] requests_in_hand",
		.limit = in_hand.limit,
		.used = in_hand.used,
		.own = limit_is_own(&c->own, LIMIT_REQUESTS_IN_HAND) },
	    "project");
	limit_add(list,
	    &(struct limit_use){ .name = "long_requests_in_hand",
		.setting = "[limits] long_in_hand",
		.limit = long_ones.limit,
		.used = long_ones.used,
		.own = limit_is_own(&c->own, LIMIT_LONG_REQUESTS_IN_HAND) },
	    "project");
	limit_add(list,
	    &(struct limit_use){ .name = "rows_per_import", .limit = IMPORT_ROWS_MAX, .used = -1 },
	    "import");
}

void
limits_get(struct call *c)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	struct limit_use use;
	enum db_rc rc = DB_OK;

	json_put_uuid(o, "workspace_id", &c->who.project_id);
	json_put(o, "limits", list);
	shares_add(c, list);
	for (int i = 0; rc == DB_OK && i < LIMIT__ROWS; i++) {
		rc = limits_use(c, (enum limit)i, &use);
		if (rc == DB_OK && use.used >= 0)
			limit_add(list, &use, use.of);
	}
	call_reply(c, rc, NULL, o);
}

/* Requests of an MCP server for a project, by ISO week: counted, and not limited. */
#include <json-c/json.h>
#include <time.h>

#include "app/api/handlers.h"
#include "app/http/call.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "sql/stmt.h"

#define DAY_US (86400 * US_PER_S)
#define WEEK_US (7 * DAY_US)
#define MONDAY_US (4 * DAY_US) /* 1970-01-05 */

static int64_t
week_start(int64_t now_us)
{
	return (now_us - MONDAY_US) / WEEK_US * WEEK_US + MONDAY_US;
}

static enum db_rc
reply_mcp_usage(struct call *c, int64_t week_us)
{
	time_t week_s = (time_t)(week_us / US_PER_S);
	struct json_object *o;
	char name[16] = "";
	int64_t used = 0;
	struct tm tm;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(
		project_mcp_get, .project = db_uuid(&c->who.project_id), .week = db_time(week_us)),
	    SQL_OUT(project_mcp_get, .used = db_get_int(&used)));

	if (rc != DB_OK)
		return rc == DB_NONE ? DB_FAIL : rc;
	if (gmtime_r(&week_s, &tm) != NULL)
		(void)strftime(name, sizeof(name), "%G-W%V", &tm);
	o = json_object_new_object();
	json_put_text(o, "week", name);
	json_put_int(o, "requests_used", used);
	json_put_int(o, "requests_limit", 0); /* none */
	json_put_bool(o, "quota_exhausted", false);
	json_put_time(o, "resets_at", week_us + WEEK_US);
	json_put(o, "upgrade", NULL);
	reply_json(&c->reply, 200, o);
	return DB_OK;
}

/* GET /v1/mcp/quota */
void
mcp_quota(struct call *c)
{
	(void)call_found(c, reply_mcp_usage(c, week_start(c->now_us)), NULL);
}

static enum db_rc
track_request(struct call *c, void *arg)
{
	int64_t week_us = week_start(c->now_us);
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(
		project_mcp_add, .project = db_uuid(&c->who.project_id), .week = db_time(week_us)),
	    NULL);

	(void)arg;
	return rc == DB_OK ? reply_mcp_usage(c, week_us) : rc == DB_NONE ? DB_FAIL : rc;
}

/* POST /v1/mcp/track: one request of an MCP server. */
void
mcp_track(struct call *c)
{
	(void)call_transact(c, track_request, NULL);
}

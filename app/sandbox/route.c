/*
 * Method and path -> handler, with the scopes and the quota that the contract's table 1.1 gives it.
 */
#include "app/sandbox/route.h"

#include <string.h>

#include "app/sandbox/admin.h"
#include "app/sandbox/boards.h"
#include "app/sandbox/call.h"
#include "app/sandbox/create.h"
#include "app/sandbox/ids.h"
#include "app/sandbox/limits.h"
#include "app/sandbox/oauth.h"
#include "app/sandbox/pins.h"
#include "app/sandbox/view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"

#define READ_ALL "boards:read,pins:read"
#define WRITE_ALL "boards:read,boards:write,pins:read,pins:write"
#define WRITE_BOARD "boards:read,boards:write"

enum route_kind { ROUTE_PAGE, ROUTE_OAUTH, ROUTE_API, ROUTE_ADMIN };
/* What {id} is; and BOARD_BODY: the JSON body names the board. */
enum route_id { ID_NONE, ID_PIN, ID_BOARD, ID_BODY };

struct route {
	const char *method;
	const char *path;
	enum route_kind kind;
	enum route_id id;
	const char *scopes;
	enum limits_category category;
	void (*handle)(struct call *c);
};

static const struct route routes[] = {
	{ "GET", "/oauth/", ROUTE_PAGE, ID_NONE, "", LIMITS_NONE, oauth_authorize },
	{ "GET", "/oauth", ROUTE_PAGE, ID_NONE, "", LIMITS_NONE, oauth_authorize },
	{ "POST", "/v5/oauth/token", ROUTE_OAUTH, ID_NONE, "", LIMITS_READ, oauth_token },
	{ "POST", "/v5/oauth/token/revoke", ROUTE_OAUTH, ID_NONE, "", LIMITS_WRITE, oauth_revoke },
	{ "GET", "/v5/user_account", ROUTE_API, ID_NONE, "user_accounts:read", LIMITS_READ,
	    boards_account },
	{ "GET", "/v5/boards", ROUTE_API, ID_NONE, "boards:read", LIMITS_READ, boards_list },
	{ "POST", "/v5/boards", ROUTE_API, ID_NONE, WRITE_BOARD, LIMITS_WRITE, boards_create },
	{ "GET", "/v5/boards/{id}", ROUTE_API, ID_BOARD, "boards:read", LIMITS_READ, boards_show },
	{ "PATCH", "/v5/boards/{id}", ROUTE_API, ID_BOARD, WRITE_BOARD, LIMITS_WRITE,
	    boards_change },
	{ "DELETE", "/v5/boards/{id}", ROUTE_API, ID_BOARD, WRITE_BOARD, LIMITS_WRITE,
	    boards_delete },
	{ "GET", "/v5/boards/{id}/pins", ROUTE_API, ID_BOARD, READ_ALL, LIMITS_READ, pins_list },
	{ "GET", "/v5/pins", ROUTE_API, ID_NONE, READ_ALL, LIMITS_READ, pins_list },
	{ "POST", "/v5/pins", ROUTE_API, ID_BODY, WRITE_ALL, LIMITS_WRITE, create_pin },
	{ "GET", "/v5/pins/{id}", ROUTE_API, ID_PIN, READ_ALL, LIMITS_READ, pins_show },
	{ "PATCH", "/v5/pins/{id}", ROUTE_API, ID_PIN, WRITE_ALL, LIMITS_WRITE, pins_change },
	{ "DELETE", "/v5/pins/{id}", ROUTE_API, ID_PIN, WRITE_ALL, LIMITS_WRITE, pins_delete },
	{ "POST", "/admin/arm", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_arm },
	{ "GET", "/admin/arms", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_arms },
	{ "POST", "/admin/disarm", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_disarm },
	{ "GET", "/admin/settings", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_settings },
	{ "POST", "/admin/settings", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_set },
	{ "POST", "/admin/listing", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_listing },
	{ "POST", "/admin/clock", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_clock },
	{ "GET", "/admin/creates", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_creates },
	{ "GET", "/admin/ledger", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_ledger },
	{ "GET", "/admin/users", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_users },
	{ "GET", "/admin/pins", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_pins },
	{ "POST", "/admin/revoke", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_revoke },
	{ "POST", "/admin/expire", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_expire },
	{ "POST", "/admin/reset", ROUTE_ADMIN, ID_NONE, "", LIMITS_NONE, admin_reset },
};

/* `{id}` matches one segment, which is returned in *id (not ended). */
static bool
fits(const char *pattern, const char *path, const char **id)
{
	while (*pattern != '\0') {
		if (*pattern == '{') {
			size_t n = strcspn(path, "/");

			if (n == 0)
				return false;
			*id = path;
			path += n;
			pattern += strlen("{id}");
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

/* NULL: the reply is set. */
static const struct route *
find(struct call *c)
{
	const char *path = c->req->path;
	const char *id = NULL;
	bool known = false;

	for (size_t i = 0; path != NULL && i < DB_LEN(routes); i++) {
		if (!fits(routes[i].path, path, &id))
			continue;
		known = true;
		if (strcmp(routes[i].method, c->req->method) != 0)
			continue;
		if (id != NULL)
			c->id = ids_parse(arena_strndup(c->mem, id, strcspn(id, "/")));
		return &routes[i];
	}
	if (known)
		view_error(c, 405, 5, "Method not allowed.");
	else
		view_error(c, 404, 0, "Resource not found.");
	return NULL;
}

static bool
api_json(struct call *c)
{
	const struct json_limits limits = { 16, 10000 };
	struct json_fault fault;

	if (strcmp(c->req->method, "POST") != 0 && strcmp(c->req->method, "PATCH") != 0)
		return true;
	c->json = json_parse(c->req->body, c->req->body_len, &limits, &fault);
	if (json_object_is_type(c->json, json_type_object))
		return true;
	view_error(c, 400, 1,
	    arena_printf(c->mem, "Invalid request: the body is not a JSON object: %s",
		c->json == NULL ? fault.reason : "another type"));
	return false;
}

/* What the request is about, as far as faults may be armed for it. */
static bool
api_subject(struct call *c, const struct route *r)
{
	if (c->id == -1) {
		view_error(c, 400, 1, "Invalid request: the id does not match '^\\d+$'");
		return false;
	}
	if (r->id == ID_BOARD) {
		c->board_id = c->id;
	} else if (r->id == ID_BODY) {
		const char *board =
		    json_object_get_string(json_object_object_get(c->json, "board_id"));
		int64_t id = ids_parse(board);

		c->board_id = id > 0 ? id : 0;
	}
	return true;
}

static bool
api_allowed(struct call *c, const struct route *r)
{
	if (c->user_id == 0) {
		view_error(c, 401, 2, "Authentication failed.");
		return false;
	}
	if (c->set.tier == TIER_UNAPPROVED) {
		view_error(c, 401, 3, "Your application consumer type is not supported");
		return false;
	}
	return oauth_permits(c, r->scopes);
}

static bool
may_go_on(struct call *c, const struct route *r)
{
	bool api = r->kind == ROUTE_API;

	if (c->req->broken) {
		view_error(c, 400, 1, "Invalid request: the body is cut or too large.");
		return false;
	}
	if (r->kind == ROUTE_ADMIN)
		return admin_permits(c) && api_json(c);
	return (!api || api_allowed(c, r)) && limits_rate(c, r->category) &&
	       (!api || (api_json(c) && api_subject(c, r)));
}

static void
perform(struct call *c, const struct route *r)
{
	if (r->kind != ROUTE_ADMIN) {
		faults_arm(c);
		faults_before(c);
	}
	if (!faults_instead(&c->fault))
		r->handle(c);
}

void
route_answer(struct call *c)
{
	const struct route *r;
	enum db_rc rc;

	c->reply.rid = ids_rid(c->mem);
	r = find(c);
	if (r == NULL)
		return;
	rc = oauth_session(c, r->kind == ROUTE_API);
	if (rc != DB_OK) {
		view_db_error(c, rc);
		return;
	}
	if (c->set.skew_s != 0)
		c->reply.date = ids_http_date(c->now_us + c->set.skew_s * US_PER_S, c->mem);
	if (c->user_id == 0 && r->kind == ROUTE_API)
		(void)limits_rate(c, r->category); /* for the headers of the 401 */
	if (may_go_on(c, r))
		perform(c, r);
	if (r->handle == create_pin)
		create_note(c);
	faults_after(c);
}

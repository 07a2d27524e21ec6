/* Checks a request against its route and runs the handler. */
#include "app/sandbox/sim_route.h"

#include <string.h>

#include "app/http/limiter.h"
#include "app/http/shares.h"
#include "app/sandbox/sim_admin.h"
#include "app/sandbox/sim_call.h"
#include "app/sandbox/sim_create.h"
#include "app/sandbox/sim_handlers.h"
#include "app/sandbox/sim_ids.h"
#include "app/sandbox/sim_limits.h"
#include "app/sandbox/sim_oauth.h"
#include "app/sandbox/sim_sweep.h"
#include "app/sandbox/sim_view.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"

#define BODY_MAX ((int64_t)64 * 1024)
#define CREATE_MAX ((int64_t)40 * 1024 * 1024) /* 20 MB of image in base64, and a reserve */
#define READ_ALL "boards:read,pins:read"
#define WRITE_ALL "boards:read,boards:write,pins:read,pins:write"
#define WRITE_BOARD "boards:read,boards:write"

enum sim_route_kind { SIM_ROUTE_PAGE, SIM_ROUTE_OAUTH, SIM_ROUTE_API, SIM_ROUTE_ADMIN };
enum sim_route_id { ID_NONE, ID_PIN, ID_BOARD, ID_BODY };

struct sim_route {
	const char *method;
	const char *path;
	enum sim_route_kind kind;
	enum sim_route_id id;
	const char *scopes;
	enum sim_limits_category category;
	void (*handle)(struct sim_call *c);
};

static const struct sim_route sim_routes[] = {
#define SIM_ROUTE(method, path, kind, id, scopes, limit, handler)                                  \
	{ #method, path, SIM_ROUTE_##kind, ID_##id, scopes, SIM_LIMITS_##limit, handler },
#include "app/sandbox/sim_routes.def"
#undef SIM_ROUTE
};

/* `{id}` matches one segment; *id points to it, without a terminator. */
static bool
path_matches(const char *pattern, const char *path, const char **id)
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
static const struct sim_route *
request_route(struct sim_call *c)
{
	const char *path = c->req->path;
	const char *id = NULL;
	bool known = false;

	for (size_t i = 0; path != NULL && i < DB_LEN(sim_routes); i++) {
		if (!path_matches(sim_routes[i].path, path, &id))
			continue;
		known = true;
		if (strcmp(sim_routes[i].method, c->req->method) != 0)
			continue;
		if (id != NULL)
			c->id = sim_id_parse(arena_strndup(c->mem, id, strcspn(id, "/")));
		return &sim_routes[i];
	}
	if (known)
		sim_view_error(c, 405, 5, "Method not allowed.");
	else
		sim_view_error(c, 404, 0, "Resource not found.");
	return NULL;
}

static bool
json_body_parse(struct sim_call *c)
{
	const struct json_limits limits = { 16, 10000 };
	struct json_fault fault;

	if (strcmp(c->req->method, "POST") != 0 && strcmp(c->req->method, "PATCH") != 0)
		return true;
	c->json = json_parse(c->req->body, c->req->body_len, &limits, &fault);
	if (json_object_is_type(c->json, json_type_object))
		return true;
	return SIM_INVALID(c, "the body is not a JSON object: %s",
	    c->json == NULL ? fault.reason : "another type");
}

/* Finds the board that the request is about, for armed faults. False: the reply is set. */
static bool
request_subject(struct sim_call *c, const struct sim_route *r)
{
	if (c->id == -1)
		return SIM_INVALID(c, "the id does not match '^\\d+$'");
	if (r->id == ID_BOARD) {
		c->board_id = c->id;
	} else if (r->id == ID_BODY) {
		const char *board =
		    json_object_get_string(json_object_object_get(c->json, "board_id"));
		int64_t id = sim_id_parse(board);

		c->board_id = id > 0 ? id : 0;
	}
	return true;
}

static bool
api_request_allowed(struct sim_call *c, const struct sim_route *r)
{
	if (c->user_id == 0)
		return sim_view_refuse(c, 401, 2, "Authentication failed.");
	if (c->set.tier == SIM_TIER_UNAPPROVED)
		return sim_view_refuse(
		    c, 401, 3, "Your application consumer type is not supported");
	c->needed = r->scopes;
	return sim_oauth_permits(c, r->scopes);
}

/*
 * Only a create may be large. Bodies of strangers are not read at all, and those of the application
 * only so many at once that they fit into memory. False: the reply is set.
 */
static bool
request_body(struct sim_call *c, const struct sim_route *r)
{
	bool create = r->handle == sim_pins_create, large = c->req->length > BODY_MAX;
	bool whole;

	if (strcmp(c->req->method, "POST") != 0 && strcmp(c->req->method, "PATCH") != 0)
		return true;
	if (create && large && !limiter_acquire(c->sim->bodies))
		return sim_limits_busy(c);
	c->large = create && large;
	whole = sim_request_body(c->req, c->conn, c->large ? CREATE_MAX : BODY_MAX);
	return whole || SIM_INVALID(c, "the body is incomplete or too large.");
}

/* Before the database and the body: what the request's headers say. False: the reply is set. */
static bool
caller_known(struct sim_call *c, const struct sim_route *r)
{
	switch (r->kind) {
	case SIM_ROUTE_OAUTH: return sim_oauth_client(c);
	case SIM_ROUTE_ADMIN: return sim_admin_permits(c);
	case SIM_ROUTE_PAGE:
	case SIM_ROUTE_API: break;
	}
	return true;
}

static struct uuid
holder_id(const struct sim_call *c)
{
	struct uuid id = { { 0 } };

	memcpy(id.b, &c->holder, sizeof(c->holder));
	return id;
}

/* So that one user's requests leave threads to the others. False: the reply is set. */
static bool
user_place(struct sim_call *c)
{
	const struct uuid user = holder_id(c);

	c->placed = shares_acquire(c->sim->users, &user);
	return c->placed || sim_limits_busy(c);
}

/* What the request held on to. */
static void
request_release(const struct sim_call *c)
{
	const struct uuid user = holder_id(c);

	if (c->large)
		limiter_release(c->sim->bodies);
	if (c->placed)
		shares_release(c->sim->users, &user);
}

static bool
request_allowed(struct sim_call *c, const struct sim_route *r)
{
	switch (r->kind) {
	case SIM_ROUTE_PAGE: return true;
	case SIM_ROUTE_ADMIN: return request_body(c, r) && json_body_parse(c);
	case SIM_ROUTE_OAUTH:
		return request_body(c, r) && sim_view_done(c, sim_oauth_owner(c)) &&
		       sim_limits_rate(c, r->category);
	case SIM_ROUTE_API: break;
	}
	/* of a known user the ledger has every create, also the refused ones: with its body */
	return (c->holder == 0 || (user_place(c) && request_body(c, r))) &&
	       api_request_allowed(c, r) && sim_limits_rate(c, r->category) && json_body_parse(c) &&
	       request_subject(c, r);
}

static void
request_perform(struct sim_call *c, const struct sim_route *r)
{
	if (r->kind != SIM_ROUTE_ADMIN) {
		sim_fault_take(c);
		sim_fault_before(c);
	}
	if (!sim_fault_instead(&c->fault))
		r->handle(c);
}

void
sim_route_answer(struct sim_call *c)
{
	const struct sim_route *r;
	enum db_rc rc;

	c->reply.rid = sim_request_id(c->mem);
	r = request_route(c);
	if (r == NULL || !caller_known(c, r))
		return;
	rc = sim_oauth_session(c, r->kind == SIM_ROUTE_API);
	if (!sim_view_done(c, rc))
		return;
	if (c->set.skew_s != 0)
		c->reply.date = sim_http_date(c->now_us + c->set.skew_s * US_PER_S, c->mem);
	if (c->user_id == 0 && r->kind == SIM_ROUTE_API)
		(void)sim_limits_rate(c, r->category); /* for the rate headers of the 401 */
	if (request_allowed(c, r))
		request_perform(c, r);
	if (r->handle == sim_pins_create && c->holder != 0) {
		sim_create_record(c);
		/* it counts them all: not each time where that is many */
		if (c->now_us % (1 + c->set.pins_kept / 100) == 0)
			sim_sweep_user(c->db, c->holder, c->set.pins_kept);
	}
	sim_fault_after(c);
	request_release(c);
}

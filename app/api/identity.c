/*
 * Who is signed in, and in which project. Invariant: an API key sees only its own project and
 * organization.
 */
#include "app/api/identity.h"

#include <json-c/json.h>
#include <string.h>

#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/client_prefix.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/text.h"
#include "lib/utf8.h"
#include "sql/stmt.h"

#define AGENT_MAX_BYTES 255
#define PLAN "enterprise"

/* Where a project is shown; only /v1/projects shows when it was created. */
enum flavour { FLAVOUR_AUTH, FLAVOUR_PROJECTS };

struct project_rows {
	enum flavour flavour;
	const struct uuid *active_id; /* or its shown id; NULL: the first one is */
	struct uuid found;            /* the active one */
	bool only_active;
	struct json_object *array;
	struct json_object *active; /* borrowed from the array */
	struct uuid id;
	const char *name, *timezone;
	int64_t environment, created_us, paused_us;
};

struct organization {
	struct uuid id;
	const char *name;
	const char *role;
};

struct organization_rows {
	struct organization row;
	struct organization all[IDENTITY_ORGANIZATIONS_MAX];
	size_t len;
};

static void
add_project(void *arg)
{
	struct project_rows *p = arg;
	struct uuid shown = uuid_project_shown(&p->id), wanted;
	bool active = false;
	struct json_object *o;

	if (p->active_id != NULL) {
		wanted = uuid_project_shown(p->active_id);
		active = uuid_equal(&shown, &wanted);
	}
	if (active)
		p->found = p->id;
	if (p->only_active && !active)
		return;
	o = json_object_new_object();
	json_put_project(o, "id", &p->id);
	json_put_text(o, "name", p->name);
	json_put_text(o, "environment", p->environment == ENV_SANDBOX ? "sandbox" : "production");
	json_put_text(o, "timezone", p->timezone);
	json_put_text(o, "plan", PLAN);
	json_put_time(o, "paused_at", p->paused_us);
	if (p->flavour == FLAVOUR_PROJECTS)
		json_put_time(o, "created_at", p->created_us);
	json_object_array_add(p->array, o);
	if (active || p->active == NULL)
		p->active = o;
}

/* Fills p->array, which the caller frees. */
static enum db_rc
load_projects(struct call *c, const struct uuid *organization, struct project_rows *p)
{
	p->array = json_object_new_array();
	p->active = NULL;
	return db_each(c->db, SQL_IN(project_list, .organization = db_uuid(organization)),
	    SQL_OUT(project_list, .id = db_get_uuid(&p->id), .name = db_get_text(&p->name),
		.environment = db_get_int(&p->environment), .timezone = db_get_text(&p->timezone),
		.created_at = db_get_time(&p->created_us), .paused_at = db_get_time(&p->paused_us)),
	    add_project, p);
}

static struct json_object *
organization_json(const struct uuid *id, const char *name)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", id);
	json_put_text(o, "name", name);
	return o;
}

/* Adds organization, active_project and projects of `who` to o. */
static enum db_rc
put_projects(
    struct call *c, const struct principal *who, enum flavour flavour, struct json_object *o)
{
	struct project_rows p = { .flavour = flavour,
		.active_id = &who->project_id,
		.only_active = who->kind == WHO_KEY };
	const char *name;
	enum db_rc rc =
	    db_row(c->db, SQL_IN(organization_get, .organization = db_uuid(&who->organization_id)),
		SQL_OUT(organization_get, .name = db_get_text(&name)));

	if (rc != DB_OK)
		return rc;
	json_put(o, "organization", organization_json(&who->organization_id, name));
	rc = load_projects(c, &who->organization_id, &p);
	json_put(o, "active_project", json_object_get(p.active));
	json_put(o, "projects", p.array);
	return rc;
}

enum db_rc
identity_projects(struct call *c, const struct principal *who, struct json_object **out)
{
	enum db_rc rc;

	*out = json_object_new_object();
	rc = put_projects(c, who, FLAVOUR_PROJECTS, *out);
	if (rc != DB_OK) {
		json_object_put(*out);
		*out = NULL;
	}
	return rc;
}

void
identity_reply_projects(struct call *c, int status)
{
	struct json_object *body;
	enum db_rc rc = identity_projects(c, &c->who, &body);

	if (rc == DB_OK)
		reply_json(&c->reply, status, body);
	else
		call_db_error(c, rc);
}

enum db_rc
identity_project(struct call *c, struct uuid *id, struct json_object **out)
{
	struct project_rows p = {
		.flavour = FLAVOUR_PROJECTS, .active_id = id, .only_active = true
	};
	enum db_rc rc = load_projects(c, &c->who.organization_id, &p);

	if (rc == DB_OK && p.active == NULL)
		rc = DB_NONE;
	*out = rc == DB_OK ? json_object_get(p.active) : NULL;
	if (rc == DB_OK)
		*id = p.found;
	json_object_put(p.array);
	return rc;
}

struct json_object *
identity_person_json(const struct identity_person *p)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &p->id);
	json_put_text(o, "email", p->email);
	json_put_text(o, "full_name", p->full_name);
	json_put_text(o, "timezone", p->timezone);
	json_put_bool(o, "email_verified", p->email_verified != 0);
	json_put_time(o, "created_at", p->created_us);
	return o;
}

/* The user. For a key: who created it, or else an owner of its organization. */
static enum db_rc
put_person(struct call *c, const struct principal *who, struct json_object *o)
{
	struct identity_person p;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(user_get_of_organization, .organization = db_uuid(&who->organization_id),
		.user = db_uuid(&who->user_id)),
	    SQL_OUT(user_get_of_organization, .id = db_get_uuid(&p.id),
		.email = db_get_text(&p.email), .full_name = db_get_text(&p.full_name),
		.timezone = db_get_text(&p.timezone),
		.email_verified = db_get_int(&p.email_verified),
		.created_at = db_get_time(&p.created_us)));

	if (rc == DB_OK)
		json_put(o, "user", identity_person_json(&p));
	return rc;
}

static void
keep_organization(void *arg)
{
	struct organization_rows *r = arg;

	if (r->len < IDENTITY_ORGANIZATIONS_MAX)
		r->all[r->len++] = r->row;
}

static enum db_rc
load_organizations(struct call *c, const struct uuid *user, struct organization_rows *r)
{
	return db_each(c->db, SQL_IN(membership_list, .user = db_uuid(user)),
	    SQL_OUT(membership_list, .id = db_get_uuid(&r->row.id),
		.name = db_get_text(&r->row.name), .role = db_get_text(&r->row.role)),
	    keep_organization, r);
}

static enum db_rc
add_organization(struct call *c, const struct principal *who, const struct organization *org,
    struct json_object *array)
{
	bool here = uuid_equal(&org->id, &who->organization_id);
	struct project_rows p = { .flavour = FLAVOUR_AUTH,
		.active_id = here ? &who->project_id : NULL };
	struct json_object *o = json_object_new_object();
	enum db_rc rc = load_projects(c, &org->id, &p);

	json_put(o, "organization", organization_json(&org->id, org->name));
	json_put_text(o, "organization_role", org->role);
	json_put(o, "permissions", auth_permissions_json(role_permissions(org->role)));
	json_put(o, "active_project", json_object_get(p.active));
	json_put(o, "projects", p.array);
	json_object_array_add(array, o);
	return rc;
}

static enum db_rc
put_organizations(struct call *c, const struct principal *who, struct json_object *o)
{
	struct organization_rows r = { .len = 0 };
	struct json_object *array = json_object_new_array();
	enum db_rc rc = DB_OK;
	size_t i;

	if (who->kind == WHO_SESSION)
		rc = load_organizations(c, &who->user_id, &r);
	for (i = 0; rc == DB_OK && i < r.len; i++)
		rc = add_organization(c, who, &r.all[i], array);
	json_put(o, "available_organizations", array);
	return rc;
}

enum db_rc
identity_me(struct call *c, const struct principal *who, struct json_object **out)
{
	struct json_object *o = json_object_new_object(), *active;
	bool session = who->kind == WHO_SESSION;
	enum db_rc rc = put_person(c, who, o);

	*out = NULL;
	if (rc == DB_OK)
		rc = put_projects(c, who, FLAVOUR_AUTH, o);
	if (rc == DB_OK)
		rc = put_organizations(c, who, o);
	if (rc != DB_OK) {
		json_object_put(o);
		return rc;
	}
	if (json_object_object_get_ex(o, "active_project", &active))
		json_put(o, "workspace", json_object_get(active));
	json_put_text(o, "organization_role", session ? who->role : NULL);
	json_put(
	    o, "permissions", session ? auth_permissions_json(role_permissions(who->role)) : NULL);
	*out = o;
	return DB_OK;
}

/* What the client calls itself, as far as it can be shown; NULL: nothing. */
static const char *
agent_text(const struct call *c)
{
	const char *sent = c->req->user_agent, *fault, *clean;

	clean = text_clean(
	    TEXT_LINE, sent, utf8_cut(sent, strlen(sent), AGENT_MAX_BYTES), c->mem, &fault);
	return clean != NULL && *clean != '\0' ? clean : NULL;
}

enum db_rc
identity_open_session(struct call *c, const struct principal *who, const char **token)
{
	struct uuid id = uuid_v7(clock_wall_us());
	unsigned char hash[SHA256_SIZE];
	char text[64], network[CLIENT_PREFIX_SIZE];
	bool asking = c->who.kind == WHO_SESSION;
	struct db_param self = asking ? db_bytes(c->who.token_hash, SHA256_SIZE) : db_null();
	const char *role;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(membership_role, .organization = db_uuid(&who->organization_id),
		.user = db_uuid(&who->user_id)),
	    SQL_OUT(membership_role, .role = db_get_text(&role)));

	if (rc != DB_OK)
		return rc;
	crypto_token("pbs_", text, sizeof(text));
	crypto_sha256(text, strlen(text), hash);
	*token = arena_strdup(c->mem, text);
	crypto_wipe(text, sizeof(text));

	rc = db_exec_any(c->db,
	    SQL_IN(session_delete_oldest, .user = db_uuid(&who->user_id), .self = self,
		.keep = db_int(c->app->conf->limits.sessions - (1 + asking))),
	    NULL);
	if (rc != DB_OK)
		return rc;
	return db_exec(c->db,
	    SQL_IN(session_insert, .hash = db_bytes(hash, sizeof(hash)), .id = db_uuid(&id),
		.user = db_uuid(&who->user_id), .project = db_uuid(&who->project_id),
		.life_s = db_int(c->app->conf->session_s),
		.network = db_text(client_prefix(c->req->client_address, network)),
		.agent = db_text(agent_text(c))),
	    NULL);
}

void
identity_put_token(struct call *c, struct json_object *o, const char *token)
{
	json_put_text(o, "access_token", token);
	json_put_text(o, "token_type", "bearer");
	json_put_int(o, "expires_in", c->app->conf->session_s);
}

enum db_rc
identity_reply_session(struct call *c, const struct principal *who, int status)
{
	struct json_object *body;
	const char *token;
	enum db_rc rc = identity_open_session(c, who, &token);

	if (rc == DB_OK)
		rc = identity_me(c, who, &body);
	if (rc != DB_OK)
		return rc == DB_NONE ? DB_FAIL : rc;
	identity_put_token(c, body, token);
	reply_json(&c->reply, status, body);
	c->reply.has_secret = 1;
	return DB_OK;
}

/*
 * The members of the caller's organization. Invariants: an organization keeps an owner who can log
 * in; nobody gives, takes or changes a role that has a permission which their own lacks. Each
 * request reads the role again, so a change counts from the next one on.
 */
#include "app/api/team.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/identity.h"
#include "app/api/list_page.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/role.h"
#include "sql/stmt.h"
#include "sql/store_member.h"

#define DAY_S 86400

struct member {
	struct uuid id, invited_by;
	const char *role;
	int64_t accepted_us, created_us, updated_us;
	struct identity_person person, by;
};

enum db_rc
team_hold_organization(struct call *c, const struct uuid *organization)
{
	return store_member_hold(c->db, organization);
}

enum db_rc
team_hold(struct call *c, const char **role)
{
	enum db_rc rc = team_hold_organization(c, &c->who.organization_id);

	if (rc == DB_OK)
		rc = db_row(c->db,
		    SQL_IN(membership_role, .organization = db_uuid(&c->who.organization_id),
			.user = db_uuid(&c->who.user_id)),
		    SQL_OUT(membership_role, .role = db_get_text(role)));
	if (rc == DB_NONE)
		auth_refuse(c, false);
	return rc;
}

const char *
team_read_role(struct call *c, struct json_reader *r)
{
	const char *text = json_key(r, "role", JSON_REQUIRED, 1, 32);
	const char *role = text != NULL ? role_read(text, c->mem) : NULL;

	if (text != NULL && role == NULL)
		json_wrong(
		    r, "role", arena_printf(c->mem, "must be one of %s", role_names(c->mem)));
	return role;
}

bool
team_permits(struct call *c, const char *own, const char *role)
{
	if (role_gives(own, role))
		return true;
	reply_error(&c->reply, 403, "forbidden",
	    arena_printf(
		c->mem, "Your role, %s, cannot give the role %s or change who has it.", own, role));
	return false;
}

enum db_rc
team_claim(struct call *c, enum limit which, const struct uuid *organization)
{
	struct problem why = { 0 };
	enum db_rc rc = limits_claim(c, which, organization, 1, &why);

	if (problem_any(&why) && which == LIMIT_INVITATIONS_PER_DAY) {
		why.status = 429;
		why.code = "rate_limited";
		why.remediation = "More can be sent from midnight (UTC) on.";
		why.retry_after_s = DAY_S - (int)(c->now_us / US_PER_S % DAY_S);
	}
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	return rc;
}

void
team_reply_list(struct call *c, enum db_rc rc, struct json_object *items, int64_t total,
    const struct list_page *p)
{
	struct json_object *body = json_object_new_object();

	json_put(body, "items", items);
	json_put_int(body, "total", total);
	call_reply(c, rc, NULL, body);
	if (rc != DB_OK)
		return;
	c->reply.total = total;
	list_page_link(c, p);
}

static struct json_object *
member_json(const struct call *c, const void *row)
{
	const struct member *m = row;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &m->id);
	json_put_uuid(o, "organization_id", &c->who.organization_id);
	json_put_uuid(o, "user_id", &m->person.id);
	json_put_text(o, "role", m->role);
	json_put_uuid(o, "invited_by_user_id", &m->invited_by);
	json_put_time(o, "accepted_at", m->accepted_us);
	json_put_time(o, "created_at", m->created_us);
	json_put_time(o, "updated_at", m->updated_us);
	json_put(o, "user", identity_person_json(&m->person));
	json_put(o, "invited_by", uuid_is_nil(&m->by.id) ? NULL : identity_person_json(&m->by));
	return o;
}

static bool
sees_all_members(const char *role)
{
	return (role_permissions(role) & PERM_MEMBERS) != 0;
}

/* Members in the view of `role`, or the one with that id. */
static enum db_rc
load_members(struct call *c, const char *role, const struct uuid *id, struct list_page *p,
    struct member *m, struct json_object *array)
{
	p->id = &m->id;
	p->time_us = &m->created_us;
	return list_page_rows(c, p,
	    SQL_IN(membership_list_team, .organization = db_uuid(&c->who.organization_id),
		.id = id != NULL ? db_uuid(id) : db_null(), .all = db_int(sees_all_members(role)),
		.user = db_uuid(&c->who.user_id), LIST_PAGE_IN(p)),
	    SQL_OUT(membership_list_team, .id = db_get_uuid(&m->id), .role = db_get_text(&m->role),
		.invited_by = db_get_uuid(&m->invited_by),
		.accepted_at = db_get_time(&m->accepted_us),
		.created_at = db_get_time(&m->created_us),
		.updated_at = db_get_time(&m->updated_us), .person_id = db_get_uuid(&m->person.id),
		.email = db_get_text(&m->person.email),
		.full_name = db_get_text(&m->person.full_name),
		.timezone = db_get_text(&m->person.timezone),
		.email_verified = db_get_int(&m->person.email_verified),
		.registered_at = db_get_time(&m->person.created_us),
		.by_id = db_get_uuid(&m->by.id), .by_email = db_get_text(&m->by.email),
		.by_name = db_get_text(&m->by.full_name),
		.by_timezone = db_get_text(&m->by.timezone),
		.by_verified = db_get_int(&m->by.email_verified),
		.by_registered_at = db_get_time(&m->by.created_us)),
	    member_json, m, array);
}

/* GET /v1/team/members */
void
team_members(struct call *c)
{
	struct member m = { .role = NULL };
	struct list_page p = { 0 };
	struct json_object *items;
	int64_t total = 0;
	enum db_rc rc;

	if (!list_page_read(c, TEAM_LISTED_MOST, &p))
		return;
	items = json_object_new_array();
	rc = load_members(c, c->who.role, NULL, &p, &m, items);
	if (rc == DB_OK)
		rc = db_row(c->db,
		    SQL_IN(membership_count_team, .organization = db_uuid(&c->who.organization_id),
			.all = db_int(sees_all_members(c->who.role)),
			.user = db_uuid(&c->who.user_id)),
		    SQL_OUT(membership_count_team, .total = db_get_int(&total)));
	team_reply_list(c, rc, items, total, &p);
}

static void
refuse_only_owner(struct call *c)
{
	struct problem why = { 0 };

	problem_set(&why, 409, "conflict", "This is the only owner of the organization.");
	why.remediation = "Make somebody else an owner first.";
	reply_problem(&c->reply, &why);
}

/* Must hold the organization. DB_NONE: nobody else could act as owner, and the reply is a 409. */
static enum db_rc
check_owner_left(struct call *c, const struct uuid *user)
{
	enum db_rc rc = store_member_other_owner(c->db, &c->who.organization_id, user);

	if (rc == DB_NONE)
		refuse_only_owner(c);
	return rc;
}

struct member_change {
	struct uuid id, user;
	const char *own;  /* the caller's role */
	const char *role; /* the one before */
	const char *wanted;
};

/* Holds the organization, then reads the member. DB_NONE: none, and no reply is set unless 401. */
static enum db_rc
hold_member(struct call *c, struct member_change *n)
{
	enum db_rc rc = team_hold(c, &n->own);

	if (rc != DB_OK)
		return rc;
	rc = db_row(c->db,
	    SQL_IN(membership_get, .id = db_uuid(&n->id),
		.organization = db_uuid(&c->who.organization_id)),
	    SQL_OUT(
		membership_get, .user_id = db_get_uuid(&n->user), .role = db_get_text(&n->role)));
	if (rc == DB_NONE && (role_permissions(n->own) & PERM_MEMBERS) != 0)
		call_not_found(c, "Member");
	else if (rc == DB_NONE)
		reply_error(&c->reply, 403, "forbidden", "Your role does not allow this.");
	return rc;
}

static enum db_rc
write_role(struct call *c, const struct member_change *n)
{
	const struct actor by = call_actor(c);
	const struct store_member m = { .organization = c->who.organization_id,
		.id = n->id,
		.user = n->user,
		.role = n->role,
		.project = c->who.project_id,
		.by = &by };
	enum db_rc rc = store_member_role(c->db, &m, n->wanted);

	if (rc == DB_NONE)
		refuse_only_owner(c);
	return rc;
}

static enum db_rc
patch_member(struct call *c, void *arg)
{
	struct member_change *n = arg;
	struct member m = { .role = NULL };
	struct list_page one = { .limit = 1 };
	struct json_object *array;
	enum db_rc rc = hold_member(c, n);

	if (rc == DB_OK &&
	    !(team_permits(c, n->own, n->role) && team_permits(c, n->own, n->wanted)))
		rc = DB_NONE;
	if (rc == DB_OK)
		rc = write_role(c, n);
	if (rc != DB_OK)
		return rc;
	array = json_object_new_array();
	rc = load_members(c, TEAM_OWNER, &n->id, &one, &m, array);
	if (rc == DB_OK)
		reply_json(&c->reply, 200, json_object_get(json_object_array_get_idx(array, 0)));
	json_object_put(array);
	return rc;
}

/* PATCH /v1/team/members/{id} */
void
team_member_patch(struct call *c)
{
	static const char *const known[] = { "role", NULL };
	struct member_change n = { .own = NULL };
	struct problem why = { 0 };
	struct json_reader r;

	if (!call_uuid(c, 0, &n.id))
		return;
	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	n.wanted = team_read_role(c, &r);
	if (!call_refused(c, &why))
		(void)call_transact(c, patch_member, &n);
}

static enum db_rc
remove_member(struct call *c, const struct member_change *n)
{
	enum db_rc rc = DB_OK;

	if (strcmp(n->role, TEAM_OWNER) == 0)
		rc = check_owner_left(c, &n->user);
	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(membership_delete, .id = db_uuid(&n->id),
			.organization = db_uuid(&c->who.organization_id)),
		    NULL);
	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(session_delete_of_member, .user = db_uuid(&n->user),
			.organization = db_uuid(&c->who.organization_id)),
		    NULL);
	return rc == DB_OK ? store_member_withdraw(c->db, &c->who.organization_id, &n->user) : rc;
}

static enum db_rc
reply_removed(struct call *c, const struct member_change *n, bool self)
{
	struct json_object *body;
	int64_t keys = 0;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(api_key_count_of_member, .user = db_uuid(&n->user),
		.organization = db_uuid(&c->who.organization_id)),
	    SQL_OUT(api_key_count_of_member, .total = db_get_int(&keys)));

	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message",
	    arena_printf(c->mem,
		"%s, and the sessions in it have ended. API keys belong to the organization: "
		"%" PRId64 " that this person created still work.",
		self ? "You have left the organization" : "The member was removed", keys));
	json_put_int(body, "api_keys", keys);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

static enum db_rc
delete_member(struct call *c, void *arg)
{
	struct member_change *n = arg;
	enum db_rc rc = hold_member(c, n);
	bool self = rc == DB_OK && uuid_equal(&n->user, &c->who.user_id);

	if (rc == DB_OK && !self && !team_permits(c, n->own, n->role))
		rc = DB_NONE;
	if (rc == DB_OK)
		rc = remove_member(c, n);
	if (rc == DB_OK)
		rc = activity_write(
		    c, self ? ACTIVITY_MEMBER_LEFT : ACTIVITY_MEMBER_REMOVED, NULL, &n->user);
	return rc == DB_OK ? reply_removed(c, n, self) : rc;
}

/* DELETE /v1/team/members/{id}: whoever may manage members, and everybody their own. */
void
team_member_delete(struct call *c)
{
	struct member_change n = { .own = NULL };

	if (call_uuid(c, 0, &n.id))
		(void)call_transact(c, delete_member, &n);
}

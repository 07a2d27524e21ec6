/*
 * Invitations into the caller's organization: made, sent again, withdrawn, and shown to whoever has
 * the token. A token is good once, for its addressee, for a week; only its hash is stored.
 */
#include "config.h"

#include <json-c/json.h>
#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/join.h"
#include "app/api/join_page.h"
#include "app/api/list_page.h"
#include "app/api/mail.h"
#include "app/api/page.h"
#include "app/api/team.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/rfc3339.h"
#include "lib/utf8.h"
#include "sql/stmt.h"

/* Of an organization's name, bytes in a mail: a stranger chose it. */
#define MAILED_NAME_MAX 80

/* A stored invitation, or what a request asks for. */
struct invitation {
	struct uuid id, by;
	const char *email, *role, *by_name, *by_email;
	int64_t created_us, updated_us, expires_us;
	const char *token; /* only when it was just made, */
	const char *url;   /* and nobody mails it */
	unsigned char hash[SHA256_SIZE];
};

/* Where a browser shows an invitation, and clients read it. */
static const char *
invitation_url(struct call *c, const char *token)
{
	return mail_link(c, "/v1/team/invitations/preview", token);
}

static struct json_object *
invitation_json(const struct call *c, const void *row)
{
	const struct invitation *i = row;
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "id", &i->id);
	json_put_uuid(o, "organization_id", &c->who.organization_id);
	json_put_text(o, "email", i->email);
	json_put_text(o, "role", i->role);
	json_put_text(o, "status", i->expires_us > c->now_us ? "pending" : "expired");
	json_put_uuid(o, "invited_by_user_id", &i->by);
	json_put_time(o, "expires_at", i->expires_us);
	json_put_time(o, "accepted_at", TIME_NONE);
	json_put_time(o, "revoked_at", TIME_NONE);
	json_put_time(o, "created_at", i->created_us);
	json_put_time(o, "updated_at", i->updated_us);
	json_put_text(o, "inviter_name", i->by_name);
	json_put_text(o, "inviter_email", i->by_email);
	if (i->url != NULL)
		json_put_text(o, "accept_url", i->url);
	return o;
}

/* Of the organization, or the one with that id. */
static enum db_rc
load_invitations(struct call *c, const struct uuid *id, struct list_page *p, struct invitation *i,
    struct json_object *array)
{
	p->id = &i->id;
	p->time_us = &i->created_us;
	return list_page_rows(c, p,
	    SQL_IN(invitation_list, .organization = db_uuid(&c->who.organization_id),
		.id = id != NULL ? db_uuid(id) : db_null(), LIST_PAGE_IN(p)),
	    SQL_OUT(invitation_list, .id = db_get_uuid(&i->id), .email = db_get_text(&i->email),
		.role = db_get_text(&i->role), .invited_by = db_get_uuid(&i->by),
		.created_at = db_get_time(&i->created_us),
		.updated_at = db_get_time(&i->updated_us),
		.expires_at = db_get_time(&i->expires_us), .by_name = db_get_text(&i->by_name),
		.by_email = db_get_text(&i->by_email)),
	    invitation_json, i, array);
}

/* GET /v1/team/invitations: neither accepted nor withdrawn. */
void
invitations_list(struct call *c)
{
	struct invitation i = { .email = NULL };
	struct list_page p = { 0 };
	struct json_object *items;
	int64_t total = 0;
	enum db_rc rc;

	if (!list_page_read(c, TEAM_LISTED_MOST, &p))
		return;
	items = json_object_new_array();
	rc = load_invitations(c, NULL, &p, &i, items);
	if (rc == DB_OK)
		rc = db_row(c->db,
		    SQL_IN(invitation_count_open, .organization = db_uuid(&c->who.organization_id)),
		    SQL_OUT(invitation_count_open, .total = db_get_int(&total)));
	team_reply_list(c, rc, items, total, &p);
}

/* In the transaction. `by`: the address of who invites, which is nobody else's. */
static enum db_rc
mail_invitation(struct call *c, const struct invitation *i)
{
	char until[RFC3339_SIZE];
	const char *name;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(organization_get, .organization = db_uuid(&c->who.organization_id)),
	    SQL_OUT(organization_get, .name = db_get_text(&name)));
	struct mail_note n = { .kind = MAIL_INVITATION, .to = i->email, .life_s = JOIN_LIFE_S };

	if (rc != DB_OK)
		return rc;
	rfc3339_format(c->now_us / US_PER_S * US_PER_S + JOIN_LIFE_S * US_PER_S, until);
	n.facts = (struct mail_facts){ .organization = arena_strndup(c->mem, name,
					   utf8_cut(name, strlen(name), MAILED_NAME_MAX)),
		.by = c->who.label,
		.link = invitation_url(c, i->token),
		.until = until };
	return mail_write(c, &n);
}

/* Mails the invitation and replies with it; without a mail server also with its address. */
static enum db_rc
reply_invitation(struct call *c, int status, struct invitation *i)
{
	struct json_object *array = json_object_new_array();
	const struct uuid id = i->id;
	struct list_page one = { .limit = 1 };
	enum db_rc rc = mail_invitation(c, i);

	if (!mail_goes_out(c))
		i->url = invitation_url(c, i->token);
	if (rc == DB_OK)
		rc = load_invitations(c, &id, &one, i, array);
	if (rc == DB_OK)
		reply_json(&c->reply, status, json_object_get(json_object_array_get_idx(array, 0)));
	c->reply.has_secret = 1;
	json_object_put(array);
	return rc;
}

static void
make_token(struct call *c, struct invitation *i)
{
	char text[64];

	crypto_token(JOIN_PREFIX, text, sizeof(text));
	i->token = arena_strdup(c->mem, text);
	crypto_sha256(text, strlen(text), i->hash);
	crypto_wipe(text, sizeof(text));
}

/* DB_NONE: the reply is a 409. */
static enum db_rc
check_not_invited(struct call *c, const struct invitation *i)
{
	struct problem why = { 0 };
	struct uuid found;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(membership_find_email, .organization = db_uuid(&c->who.organization_id),
		.email = db_text(i->email)),
	    SQL_OUT(membership_find_email, .id = db_get_uuid(&found)));

	if (rc == DB_OK)
		problem_set(&why, 409, "conflict", "This person is a member already.");
	if (rc == DB_NONE) {
		rc = db_row(c->db,
		    SQL_IN(invitation_find_email, .organization = db_uuid(&c->who.organization_id),
			.email = db_text(i->email)),
		    SQL_OUT(invitation_find_email, .id = db_get_uuid(&found)));
		if (rc == DB_OK)
			problem_set(&why, 409, "conflict", "This address is invited already.");
		why.remediation = "Send the invitation again: POST "
				  "/v1/team/invitations/{id}/resend.";
	}
	if (rc == DB_NONE)
		return DB_OK;
	if (problem_any(&why))
		reply_problem(&c->reply, &why);
	return rc == DB_OK ? DB_NONE : rc;
}

/* Room for one more mail, and for one more invitation that is not there yet. */
static enum db_rc
claim_invitation(struct call *c, bool another)
{
	const struct uuid *organization = &c->who.organization_id;
	enum db_rc rc = DB_OK;

	if (another)
		rc = team_claim(c, LIMIT_INVITATIONS, organization);
	if (rc == DB_OK)
		rc = team_claim(c, LIMIT_MEMBERS, organization);
	if (rc == DB_OK)
		rc = team_claim(c, LIMIT_INVITATIONS_PER_DAY, organization);
	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(organization_note_invited, .organization = db_uuid(organization)), NULL);
	return rc;
}

/* Strangers are not mailed without end, whatever organizations ask for it. False: a 429. */
static bool
mail_allowed(struct call *c, const char *email)
{
	int again_s;

	return !mail_goes_out(c) || mail_guard_enter(c, email, &again_s);
}

static enum db_rc
insert_invitation(struct call *c, void *arg)
{
	struct invitation *i = arg;
	const char *own = NULL;
	enum db_rc rc = team_hold(c, &own);

	if (rc == DB_OK && !team_permits(c, own, i->role))
		rc = DB_NONE;
	if (rc == DB_OK)
		rc = check_not_invited(c, i);
	if (rc == DB_OK)
		rc = db_exec_any(c->db,
		    SQL_IN(invitation_delete_old, .organization = db_uuid(&c->who.organization_id),
			.email = db_text(i->email)),
		    NULL);
	if (rc == DB_OK)
		rc = claim_invitation(c, true);
	if (rc != DB_OK)
		return rc;
	i->id = uuid_v7(c->now_us);
	make_token(c, i);
	rc = db_exec(c->db,
	    SQL_IN(invitation_insert, .id = db_uuid(&i->id),
		.hash = db_bytes(i->hash, sizeof(i->hash)),
		.organization = db_uuid(&c->who.organization_id), .email = db_text(i->email),
		.role = db_text(i->role), .user = db_uuid(&c->who.user_id),
		.mailed = db_int(mail_goes_out(c)), .life_s = db_int(JOIN_LIFE_S)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_INVITATION_CREATED, NULL, &i->id);
	return rc == DB_OK ? reply_invitation(c, 201, i) : rc;
}

/* POST /v1/team/invitations */
void
invitations_create(struct call *c)
{
	static const char *const known[] = { "email", "role", NULL };
	struct invitation i = { .email = NULL };
	struct problem why = { 0 };
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	i.email = json_email(&r, "email", JSON_REQUIRED);
	i.role = team_read_role(c, &r);
	if (!call_refused(c, &why) && mail_allowed(c, i.email))
		(void)call_transact(c, insert_invitation, &i);
}

/* Holds the organization, then reads the invitation. DB_NONE: the reply is a 401, 403 or 404. */
static enum db_rc
hold_invitation(struct call *c, struct invitation *i)
{
	const char *own = NULL;
	enum db_rc rc = team_hold(c, &own);

	if (rc != DB_OK)
		return rc;
	rc = db_row(c->db,
	    SQL_IN(invitation_get, .id = db_uuid(&i->id),
		.organization = db_uuid(&c->who.organization_id)),
	    SQL_OUT(
		invitation_get, .email = db_get_text(&i->email), .role = db_get_text(&i->role)));
	if (rc == DB_NONE)
		call_not_found(c, "Invitation");
	if (rc == DB_OK && !team_permits(c, own, i->role))
		rc = DB_NONE;
	return rc;
}

static enum db_rc
renew_invitation(struct call *c, void *arg)
{
	struct invitation *i = arg;
	enum db_rc rc = hold_invitation(c, i);

	if (rc == DB_OK)
		rc = claim_invitation(c, false);
	if (rc != DB_OK)
		return rc;
	make_token(c, i);
	rc = db_exec(c->db,
	    SQL_IN(invitation_renew, .id = db_uuid(&i->id),
		.organization = db_uuid(&c->who.organization_id),
		.hash = db_bytes(i->hash, sizeof(i->hash)), .user = db_uuid(&c->who.user_id),
		.mailed = db_int(mail_goes_out(c)), .life_s = db_int(JOIN_LIFE_S)),
	    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_INVITATION_RESENT, NULL, &i->id);
	return rc == DB_OK ? reply_invitation(c, 200, i) : rc;
}

/* False: the reply is a 404 or 503. */
static bool
find_address(struct call *c, struct invitation *i)
{
	const struct uuid id = i->id;
	struct list_page one = { .limit = 1 };
	struct json_object *array = json_object_new_array();
	enum db_rc rc = load_invitations(c, &id, &one, i, array);

	if (rc == DB_OK && json_object_array_length(array) == 0)
		rc = DB_NONE;
	json_object_put(array);
	return call_found(c, rc, "Invitation");
}

/* POST /v1/team/invitations/{id}/resend: with another token, good for a week from now. */
void
invitations_resend(struct call *c)
{
	struct invitation i = { .email = NULL };

	if (call_uuid(c, 0, &i.id) && find_address(c, &i) && mail_allowed(c, i.email))
		(void)call_transact(c, renew_invitation, &i);
}

static enum db_rc
withdraw_invitation(struct call *c, void *arg)
{
	struct invitation *i = arg;
	struct json_object *body;
	enum db_rc rc = hold_invitation(c, i);

	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(invitation_revoke, .id = db_uuid(&i->id),
			.organization = db_uuid(&c->who.organization_id)),
		    NULL);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_INVITATION_REVOKED, NULL, &i->id);
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message", "The invitation was withdrawn.");
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

/* DELETE /v1/team/invitations/{id} */
void
invitations_delete(struct call *c)
{
	struct invitation i = { .email = NULL };

	if (call_uuid(c, 0, &i.id))
		(void)call_transact(c, withdraw_invitation, &i);
}

static struct json_object *
offer_json(const struct join_offer *i)
{
	struct json_object *o = json_object_new_object();

	json_put_uuid(o, "organization_id", &i->organization_id);
	json_put_text(o, "organization_name", i->organization);
	json_put_text(o, "email", i->email);
	json_put_text(o, "role", i->role);
	json_put_text(o, "status", "pending");
	json_put_time(o, "expires_at", i->expires_us);
	json_put_text(o, "inviter_name", i->by_name);
	json_put_text(o, "inviter_email", i->by_email);
	json_put_bool(o, "team_access_enabled", true);
	return o;
}

/* GET /v1/team/invitations/preview: for browsers a page. Public: the token is the secret. */
void
invitations_preview(struct call *c)
{
	struct problem why = { 0 };
	const char *token = call_query_text(c, "token", TEXT_KEY, JOIN_TOKEN_MAX, &why);
	struct join_offer offer;

	if (token == NULL && !problem_any(&why))
		problem_query(&why, c->mem, "token", "Field required");
	if (call_refused(c, &why))
		return;
	if (!join_page_find(c, token, &offer))
		return;
	if (page_wanted(c))
		join_page_show(c, 200, &offer, token, NULL);
	else
		reply_json(&c->reply, 200, offer_json(&offer));
}

/*
 * Invitations into organizations, from the side of who accepts them. Invariant: the organization's
 * row is held before an invitation is used, as it is by whoever withdraws one.
 */
#include "app/api/join.h"

#include <json-c/json.h>
#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/identity.h"
#include "app/api/team.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "app/http/limits.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "sql/stmt.h"

bool
join_wanted(const char *token)
{
	return token != NULL && strncmp(token, JOIN_PREFIX, strlen(JOIN_PREFIX)) == 0;
}

enum db_rc
join_find(struct call *c, const char *token, struct join_offer *out)
{
	unsigned char hash[SHA256_SIZE];
	const char *by_role;
	enum db_rc rc;

	crypto_sha256(token, strlen(token), hash);
	rc = db_row(c->db, SQL_IN(invitation_open, .hash = db_bytes(hash, sizeof(hash))),
	    SQL_OUT(invitation_open, .id = db_get_uuid(&out->id),
		.organization_id = db_get_uuid(&out->organization_id),
		.name = db_get_text(&out->organization), .email = db_get_text(&out->email),
		.role = db_get_text(&out->role), .expires_at = db_get_time(&out->expires_us),
		.invited_by = db_get_uuid(&out->by), .mailed = db_get_int(&out->mailed),
		.by_name = db_get_text(&out->by_name), .by_email = db_get_text(&out->by_email),
		.by_role = db_get_text(&by_role)));
	return rc == DB_OK && !role_gives(by_role, out->role) ? DB_NONE : rc;
}

static void
refuse_join(struct call *c, enum join_door door, bool other_address)
{
	struct problem why = { 0 };

	if (door == JOIN_WHEN_SIGNING_IN) {
		problem_field(&why, c->mem, "invite_token",
		    "is not valid for this address, was used, or has expired");
	} else if (other_address) {
		problem_set(
		    &why, 403, "forbidden", "This invitation is for another e-mail address.");
		why.remediation = "Log in with the address that was invited.";
	} else {
		problem_set(&why, 404, "not_found", TEAM_INVITATION_GONE);
		why.remediation = TEAM_INVITATION_ASK;
	}
	reply_problem(&c->reply, &why);
}

bool
join_possible(struct call *c, const char *token, const char *email)
{
	struct join_offer offer;
	enum db_rc rc = join_find(c, token, &offer);

	if (rc == DB_OK && strcmp(offer.email, email) != 0)
		rc = DB_NONE;
	if (rc == DB_NONE)
		refuse_join(c, JOIN_WHEN_SIGNING_IN, false);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK;
}

static enum db_rc
use_offer(struct call *c, const char *token, const struct join_offer *offer)
{
	unsigned char hash[SHA256_SIZE];
	enum db_rc rc = team_hold_organization(c, &offer->organization_id);

	crypto_sha256(token, strlen(token), hash);
	if (rc != DB_OK)
		return rc;
	return db_exec(c->db,
	    SQL_IN(invitation_accept, .hash = db_bytes(hash, sizeof(hash)),
		.organization = db_uuid(&offer->organization_id)),
	    NULL);
}

/* DB_NONE: no room on either side, and the reply is a 409. */
static enum db_rc
claim_membership(struct call *c, const struct uuid *user, const struct join_offer *offer)
{
	int64_t in = 0;
	enum db_rc rc = team_claim(c, LIMIT_MEMBERS, &offer->organization_id);

	if (rc == DB_OK)
		rc = db_row(c->db, SQL_IN(membership_count_of_user, .user = db_uuid(user)),
		    SQL_OUT(membership_count_of_user, .total = db_get_int(&in)));
	if (rc != DB_OK || in < IDENTITY_ORGANIZATIONS_MAX)
		return rc;
	reply_error(&c->reply, 409, "conflict",
	    arena_printf(c->mem, "A person can be a member of %d organizations.",
		IDENTITY_ORGANIZATIONS_MAX));
	return DB_NONE;
}

/* DB_NONE: is one already, and the reply is a 409. */
static enum db_rc
insert_membership(struct call *c, const struct uuid *user, const struct join_offer *offer)
{
	struct uuid id = uuid_v7(c->now_us);
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(membership_insert, .organization = db_uuid(&offer->organization_id),
		.user = db_uuid(user), .id = db_uuid(&id), .role = db_text(offer->role),
		.by = db_uuid(&offer->by), .accepted = db_int(1)),
	    NULL);

	if (rc == DB_OK && offer->mailed)
		rc = db_exec_any(c->db, SQL_IN(user_verify, .user = db_uuid(user)), NULL);
	if (rc != DB_DUP)
		return rc;
	reply_error(&c->reply, 409, "conflict", "You are a member of this organization already.");
	return DB_NONE;
}

enum db_rc
join_organization(struct call *c, const char *token, const char *email, enum join_door door,
    struct principal *who, bool *proven)
{
	struct join_offer offer;
	enum db_rc rc = join_find(c, token, &offer);
	bool other = rc == DB_OK && strcmp(offer.email, email) != 0;

	if (rc == DB_OK)
		rc = other ? DB_NONE : use_offer(c, token, &offer);
	if (rc == DB_NONE)
		refuse_join(c, door, other);
	if (rc == DB_OK)
		rc = claim_membership(c, &who->user_id, &offer);
	if (rc == DB_OK)
		rc = insert_membership(c, &who->user_id, &offer);
	if (rc != DB_OK)
		return rc;
	who->organization_id = offer.organization_id;
	who->role = offer.role;
	*proven = offer.mailed != 0;
	rc = db_row(c->db, SQL_IN(project_first, .organization = db_uuid(&offer.organization_id)),
	    SQL_OUT(project_first, .id = db_get_uuid(&who->project_id)));
	if (rc == DB_OK)
		rc = activity_write_as(c, who, ACTIVITY_MEMBER_JOINED, &who->user_id);
	return rc == DB_NONE ? DB_FAIL : rc;
}

static enum db_rc
accept_invitation(struct call *c, void *arg)
{
	const char *token = arg;
	struct principal who = {
		.kind = WHO_SESSION, .user_id = c->who.user_id, .label = c->who.label
	};
	struct uuid user;
	bool proven;
	enum db_rc rc =
	    db_row(c->db, SQL_IN(session_hold, .hash = db_bytes(c->who.token_hash, SHA256_SIZE)),
		SQL_OUT(session_hold, .id = db_get_uuid(&user)));

	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc == DB_OK)
		rc = join_organization(c, token, c->who.label, JOIN_BY_ITSELF, &who, &proven);
	return rc == DB_OK ? identity_reply_session(c, &who, 200) : rc;
}

/* POST /v1/team/invitations/accept: opens a session in the organization that was joined. */
void
join_accept(struct call *c)
{
	static const char *const known[] = { "token", NULL };
	struct problem why = { 0 };
	struct json_reader r;
	const char *token;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	token = json_key(&r, "token", JSON_REQUIRED, 20, JOIN_TOKEN_MAX);
	if (!call_refused(c, &why))
		(void)call_transact(c, accept_invitation, arena_strdup(c->mem, token));
}

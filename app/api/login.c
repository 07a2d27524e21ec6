/*
 * Registration and login. Invariants: a password is hashed outside of any transaction; a login is
 * counted as failed before its password is checked, so that parallel guesses all count.
 */
#include "app/api/login.h"

#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "app/api/activity.h"
#include "app/api/email_verify.h"
#include "app/api/handlers.h"
#include "app/api/identity.h"
#include "app/api/join.h"
#include "app/api/login_guard.h"
#include "app/api/team.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/password.h"
#include "sql/stmt.h"

#define ZONES "/usr/share/zoneinfo/"

struct sign_up {
	const char *email, *name, *workspace, *timezone, *invite;
	bool only_joins; /* opens no session */
	char hash[PASSWORD_HASH_SIZE];
};

/* An IANA time zone that this machine knows; "UTC" when absent. */
static const char *
read_timezone(struct call *c, struct json_reader *r)
{
	const char *text = json_key(r, "timezone", JSON_OPTIONAL, 1, 64);

	if (text == NULL)
		return "UTC";
	if (text[0] == '/' || strstr(text, "..") != NULL ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") !=
		strlen(text) ||
	    (access(ZONES "UTC", F_OK) == 0 &&
		access(arena_printf(c->mem, ZONES "%s", text), F_OK) != 0))
		json_wrong(r, "timezone", "must be an IANA time zone, such as Europe/Berlin");
	return text;
}

/* The invitation into an organization that the body names, or NULL; nothing is noted. */
static const char *
peek_invitation(struct call *c)
{
	struct problem unused = { 0 };
	struct json_reader r;
	const char *token;

	json_reader_init(&r, c->json, c->mem, &unused);
	token = json_key(&r, "invite_token", JSON_OPTIONAL, 20, JOIN_TOKEN_MAX);
	return join_wanted(token) ? token : NULL;
}

/* Who was invited into an organization may come, whatever the setting: no other one arises. */
static bool
registration_allowed(struct call *c)
{
	const struct problem closed = { .status = 403,
		.code = "registration_closed",
		.message = "This instance does not accept registrations.",
		.remediation = "Ask its operator for an account." };

	return c->app->conf->registration != REGISTRATION_CLOSED || peek_invitation(c) != NULL ||
	       !call_refused(c, &closed);
}

/* False: the reply is a 422. */
static bool
read_registration(struct call *c, struct sign_up *n)
{
	bool invited = c->app->conf->registration == REGISTRATION_INVITE;
	struct problem why = { 0 };
	struct json_reader r;
	const char *password, *fault = NULL;
	struct login_guard guard;
	bool hashed;

	json_reader_init(&r, c->json, c->mem, &why);
	n->name = json_text(&r, "full_name", JSON_REQUIRED, 1, 255);
	n->email = json_email(&r, "email", JSON_REQUIRED);
	password = json_password(&r, "password", JSON_REQUIRED, PASSWORD_MIN, PASSWORD_MAX);
	if (password != NULL && n->email != NULL)
		fault = password_fault(password, n->email);
	if (fault != NULL)
		json_wrong(&r, "password", fault);
	n->workspace = json_text(&r, "workspace_name", JSON_OPTIONAL, 1, 255);
	n->timezone = read_timezone(c, &r);
	n->invite = json_key(
	    &r, "invite_token", invited ? JSON_REQUIRED : JSON_OPTIONAL, 20, JOIN_TOKEN_MAX);
	if (call_refused(c, &why))
		return false;
	if (n->workspace == NULL)
		n->workspace = n->name;
	if (join_wanted(n->invite) && !join_possible(c, n->invite, n->email))
		return false;
	if (!login_guard_register(c, &guard))
		return false;
	hashed = crypto_password_hash(password, n->hash) == 0;
	login_guard_leave(c);
	if (!hashed)
		call_db_error(c, DB_FAIL);
	return hashed;
}

static enum db_rc
use_invitation(struct call *c, const struct sign_up *n)
{
	unsigned char hash[SHA256_SIZE];
	struct problem why = { 0 };
	enum db_rc rc;

	if (c->app->conf->registration != REGISTRATION_INVITE)
		return DB_OK;
	crypto_sha256(n->invite, strlen(n->invite), hash);

	rc = db_exec(c->db,
	    SQL_IN(
		invitation_use, .hash = db_bytes(hash, sizeof(hash)), .email = db_text(n->email)),
	    NULL);
	if (rc == DB_NONE) {
		problem_field(&why, c->mem, "invite_token",
		    "is not valid for this address, was used, or has expired");
		reply_problem(&c->reply, &why);
	}
	return rc;
}

/* DB_NONE: the e-mail address is taken, and the reply is a 409. */
static enum db_rc
insert_user(struct call *c, const struct sign_up *n, const struct uuid *id)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(user_insert, .id = db_uuid(id), .email = db_text(n->email),
		.name = db_text(n->name), .timezone = db_text(n->timezone),
		.password = db_text(n->hash)),
	    NULL);
	struct problem why = { 0 };

	if (rc != DB_DUP)
		return rc;
	problem_set(&why, 409, "conflict", "This e-mail address already has an account.");
	if (join_wanted(n->invite))
		why.remediation = "Log in with the invite_token instead.";
	reply_problem(&c->reply, &why);
	return DB_NONE;
}

static enum db_rc
insert_home_project(struct call *c, const struct sign_up *n, const struct principal *who)
{
	struct uuid member = uuid_v7(c->now_us);
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(organization_insert, .id = db_uuid(&who->organization_id),
		.name = db_text(n->workspace)),
	    NULL);

	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(membership_insert, .organization = db_uuid(&who->organization_id),
			.user = db_uuid(&who->user_id), .id = db_uuid(&member),
			.role = db_text(who->role), .by = db_null(), .accepted = db_int(0)),
		    NULL);
	if (rc == DB_OK)
		rc = db_exec(c->db,
		    SQL_IN(project_insert, .id = db_uuid(&who->project_id),
			.organization = db_uuid(&who->organization_id),
			.name = db_text(n->workspace), .environment = db_int(ENV_PRODUCTION),
			.sandbox_of = db_null(), .timezone = db_text(n->timezone)),
		    NULL);
	return rc;
}

static void
reply_joined(struct call *c)
{
	struct json_object *body = json_object_new_object();

	json_put_text(body, "message", "You are a member of the organization now.");
	reply_json(&c->reply, 200, body);
}

static enum db_rc
insert_registration(struct call *c, void *arg)
{
	const struct sign_up *n = arg;
	struct principal who = { .kind = WHO_SESSION,
		.user_id = uuid_v7(c->now_us),
		.organization_id = uuid_v7(c->now_us),
		.project_id = uuid_project(c->now_us),
		.role = TEAM_OWNER,
		.label = n->email };
	bool joins = join_wanted(n->invite), proven = false;
	enum db_rc rc = joins ? DB_OK : use_invitation(c, n);

	if (rc == DB_OK)
		rc = insert_user(c, n, &who.user_id);
	if (rc == DB_OK)
		rc = joins ? join_organization(
				 c, n->invite, n->email, JOIN_WHEN_SIGNING_IN, &who, &proven)
			   : insert_home_project(c, n, &who);
	if (rc == DB_OK)
		rc = login_guard_registered(c, n->email);
	if (rc == DB_OK)
		rc = activity_write_as(c, &who, ACTIVITY_USER_REGISTERED, &who.user_id);
	if (rc == DB_OK && !proven)
		rc = email_verify_send(c, &who.user_id, n->email, &who.project_id);
	if (rc == DB_OK && !n->only_joins)
		return identity_reply_session(c, &who, 201);
	if (rc == DB_OK)
		reply_joined(c);
	return rc;
}

/*
 * POST /v1/auth/register: creates a user and, unless invited into one, an organization with its
 * production project.
 */
void
login_register(struct call *c)
{
	struct sign_up n = { 0 };

	if (registration_allowed(c) && read_registration(c, &n))
		(void)call_transact(c, insert_registration, &n);
}

void
login_join_new(struct call *c)
{
	struct sign_up n = { .only_joins = true };

	if (registration_allowed(c) && read_registration(c, &n))
		(void)call_transact(c, insert_registration, &n);
}

static void
refuse_login(struct call *c)
{
	reply_error(&c->reply, 401, "unauthorized", "The e-mail address or the password is wrong.");
}

/* Somebody who knew the password. */
struct known {
	struct uuid user;
	const char *hash, *email;
	const char *invite; /* NULL: none */
	bool only_joins;    /* opens no session */
	struct login_guard guard;
};

/* True: the password is right, and *who is set. False: the reply is the refusal. */
static bool
authenticate(struct call *c, const char *password, struct known *who)
{
	int64_t disabled = 0;
	enum db_rc rc = db_row(c->db, SQL_IN(user_find_login, .email = db_text(who->email)),
	    SQL_OUT(user_find_login, .id = db_get_uuid(&who->user),
		.password_hash = db_get_text(&who->hash), .disabled = db_get_int(&disabled)));

	if (rc != DB_OK && rc != DB_NONE) {
		call_db_error(c, rc);
		return false;
	}
	if (!crypto_password_verify(rc == DB_OK ? who->hash : NULL, password)) {
		refuse_login(c);
		return false;
	}
	if (disabled)
		reply_error(&c->reply, 403, "forbidden", "The operator disabled this user.");
	return !disabled;
}

/* Where the session works. DB_NONE: refused, and the reply is set. */
static enum db_rc
find_home(struct call *c, const struct known *known, struct principal *who)
{
	bool proven;
	enum db_rc rc;

	if (known->invite != NULL)
		return join_organization(
		    c, known->invite, known->email, JOIN_WHEN_SIGNING_IN, who, &proven);
	rc = db_row(c->db, SQL_IN(project_first_of_user, .user = db_uuid(&who->user_id)),
	    SQL_OUT(project_first_of_user, .id = db_get_uuid(&who->project_id),
		.organization_id = db_get_uuid(&who->organization_id),
		.role = db_get_text(&who->role)));
	if (rc == DB_NONE) {
		struct problem why = { 0 };

		problem_set(
		    &why, 403, "forbidden", "You are no longer a member of any organization.");
		why.remediation = "Log in with the invite_token of an invitation into one.";
		reply_problem(&c->reply, &why);
	}
	return rc;
}

static enum db_rc
open_login_session(struct call *c, void *arg)
{
	const struct known *known = arg;
	struct principal who = {
		.kind = WHO_SESSION, .user_id = known->user, .label = known->email
	};
	struct uuid user;
	enum db_rc rc = db_row(c->db,
	    SQL_IN(user_hold, .user = db_uuid(&who.user_id), .hash = db_text(known->hash)),
	    SQL_OUT(user_hold, .id = db_get_uuid(&user)));

	if (rc == DB_NONE)
		refuse_login(c);
	if (rc == DB_OK)
		rc = db_exec_any(
		    c->db, SQL_IN(session_delete_expired, .user = db_uuid(&who.user_id)), NULL);
	if (rc == DB_OK)
		rc = find_home(c, known, &who);
	if (rc == DB_OK)
		rc = login_guard_good(c, &known->guard);
	if (rc == DB_OK && known->only_joins)
		reply_joined(c);
	if (rc != DB_OK || known->only_joins)
		return rc;
	rc = activity_write_as(c, &who, ACTIVITY_USER_LOGGED_IN, &who.user_id);
	return rc == DB_OK ? identity_reply_session(c, &who, 200) : rc;
}

static void
log_in(struct call *c, bool only_joins)
{
	struct problem why = { 0 };
	struct json_reader r;
	struct known who = { .only_joins = only_joins };
	const char *password;
	bool good;

	json_reader_init(&r, c->json, c->mem, &why);
	who.email = json_email(&r, "email", JSON_REQUIRED);
	password = json_password(&r, "password", JSON_REQUIRED, 1, PASSWORD_MAX);
	who.invite = json_key(&r, "invite_token", JSON_OPTIONAL, 20, JOIN_TOKEN_MAX);
	if (call_refused(c, &why))
		return;
	if (!login_guard_enter(c, who.email, false, &who.guard))
		return;
	good = authenticate(c, password, &who);
	login_guard_leave(c);
	if (good)
		(void)call_transact(c, open_login_session, &who);
}

/* POST /v1/auth/login */
void
login_login(struct call *c)
{
	log_in(c, false);
}

void
login_join(struct call *c)
{
	log_in(c, true);
}

/* GET /v1/auth/me */
void
login_me(struct call *c)
{
	struct json_object *body;
	enum db_rc rc = identity_me(c, &c->who, &body);

	call_reply(c, rc, NULL, body);
}

/*
 * Which mails a person wants in a project. No row: all of them. Mails that keep an account safe are
 * sent in any case.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/handlers.h"
#include "app/api/mail_page.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "lib/mail.h"
#include "sql/stmt.h"

struct preferences {
	struct uuid user, project; /* the project as it is shown */
	int64_t transactional, alerts, verification, created_us, updated_us;
};

static enum db_rc
load_preferences(struct call *c, struct preferences *p)
{
	return db_row(c->db,
	    SQL_IN(
		email_preference_show, .user = db_uuid(&p->user), .project = db_uuid(&p->project)),
	    SQL_OUT(email_preference_show, .transactional = db_get_int(&p->transactional),
		.alerts = db_get_int(&p->alerts), .verification = db_get_int(&p->verification),
		.created_at = db_get_time(&p->created_us),
		.updated_at = db_get_time(&p->updated_us)));
}

static enum db_rc
store_preferences(struct call *c, const struct preferences *p)
{
	return db_exec_any(c->db,
	    SQL_IN(email_preference_put, .user = db_uuid(&p->user), .project = db_uuid(&p->project),
		.transactional = db_int(p->transactional), .alerts = db_int(p->alerts),
		.verification = db_int(p->verification)),
	    NULL);
}

/* They are the person's and the project's from the start, so their id comes from these (UUIDv8). */
static struct uuid
preferences_id(const struct preferences *p)
{
	unsigned char both[2 * sizeof(struct uuid)], hash[SHA256_SIZE];
	struct uuid id;

	memcpy(both, p->user.b, sizeof(p->user.b));
	memcpy(both + sizeof(p->user.b), p->project.b, sizeof(p->project.b));
	crypto_sha256(both, sizeof(both), hash);
	memcpy(id.b, hash, sizeof(id.b));
	id.b[6] = (unsigned char)((id.b[6] & 0x0f) | 0x80);
	id.b[8] = (unsigned char)((id.b[8] & 0x3f) | 0x80);
	return id;
}

static struct json_object *
preferences_json(const struct preferences *p)
{
	struct json_object *o = json_object_new_object();
	const struct uuid id = preferences_id(p);

	json_put_uuid(o, "id", &id);
	json_put_uuid(o, "workspace_id", &p->project);
	json_put_uuid(o, "user_id", &p->user);
	json_put_bool(o, "transactional_enabled", p->transactional != 0);
	json_put_bool(o, "alerts_enabled", p->alerts != 0);
	json_put_bool(o, "verification_enabled", p->verification != 0);
	json_put_time(o, "created_at", p->created_us);
	json_put_time(o, "updated_at", p->updated_us);
	return o;
}

static struct preferences
callers_preferences(const struct call *c)
{
	return (struct preferences){ .user = c->who.user_id,
		.project = uuid_project_shown(&c->who.project_id) };
}

/* GET /v1/email/preferences */
void
email_preferences_get(struct call *c)
{
	struct preferences p = callers_preferences(c);
	enum db_rc rc = load_preferences(c, &p);

	if (call_found(c, rc, "User"))
		reply_json(&c->reply, 200, preferences_json(&p));
}

/* What a request sets; -1: unchanged. */
struct preferences_set {
	int transactional, alerts, verification;
};

static enum db_rc
change_preferences(struct call *c, void *arg)
{
	const struct preferences_set *set = arg;
	struct preferences p = callers_preferences(c);
	enum db_rc rc = load_preferences(c, &p);

	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (set->transactional >= 0)
		p.transactional = set->transactional;
	if (set->alerts >= 0)
		p.alerts = set->alerts;
	if (set->verification >= 0)
		p.verification = set->verification;
	if (rc == DB_OK)
		rc = store_preferences(c, &p);
	if (rc == DB_OK)
		rc = load_preferences(c, &p);
	if (rc == DB_OK)
		reply_json(&c->reply, 200, preferences_json(&p));
	return rc;
}

/* PATCH /v1/email/preferences */
void
email_preferences_patch(struct call *c)
{
	static const char *const known[] = { "alerts_enabled", "transactional_enabled",
		"verification_enabled", NULL };
	struct preferences_set set = { -1, -1, -1 };
	struct problem why = { 0 };
	struct json_reader r;
	bool on;

	json_reader_init(&r, c->json, c->mem, &why);
	json_known(&r, known);
	if (json_flag(&r, "transactional_enabled", JSON_OPTIONAL, &on) == 0)
		set.transactional = on;
	if (json_flag(&r, "alerts_enabled", JSON_OPTIONAL, &on) == 0)
		set.alerts = on;
	if (json_flag(&r, "verification_enabled", JSON_OPTIONAL, &on) == 0)
		set.verification = on;
	if (set.transactional < 0 && set.alerts < 0 && set.verification < 0 && !problem_any(&why))
		problem_field(&why, c->mem, "",
		    "must hold at least one of alerts_enabled, transactional_enabled, "
		    "verification_enabled");
	if (!call_refused(c, &why))
		(void)call_transact(c, change_preferences, &set);
}

/* ---- by the link of a mail ---- */

static const char unsubscribed[] = "You get no more of these mails. Mails that keep your account "
				   "safe are still sent.";

/* Whoever has the token has got such a mail. False: the reply is set. */
static bool
read_unsubscribe(struct call *c, struct preferences *p, const char **token)
{
	struct problem why = { 0 };
	bool user = false, project = false;

	*token = mail_page_token(c);
	if (*token == NULL)
		return false;
	if (call_query_uuid(c, "user_id", &p->user, &user, &why) && !user)
		problem_query(&why, c->mem, "user_id", "is required");
	if (call_query_uuid(c, "workspace_id", &p->project, &project, &why) && !project)
		problem_query(&why, c->mem, "workspace_id", "is required");
	if (call_refused(c, &why))
		return false;
	if (mail_unsubscribe_right(c->app->keys, &p->project, &p->user, *token))
		return true;
	reply_error(&c->reply, 400, "bad_request", "This link is not valid.");
	mail_page_finish(c, "", "");
	return false;
}

static enum db_rc
write_unsubscribe(struct call *c, void *arg)
{
	struct preferences *p = arg;
	struct json_object *body;
	enum db_rc rc = load_preferences(c, p);

	p->transactional = p->alerts = 0;
	if (rc == DB_OK)
		rc = store_preferences(c, p);
	if (rc == DB_NONE)
		call_not_found(c, "User");
	if (rc != DB_OK)
		return rc;
	body = json_object_new_object();
	json_put_text(body, "message", unsubscribed);
	reply_json(&c->reply, 200, body);
	return DB_OK;
}

static void
unsubscribe(struct call *c, struct preferences *p)
{
	(void)call_transact(c, write_unsubscribe, p);
	mail_page_finish(c, "Unsubscribed", unsubscribed);
}

/* GET /v1/email/unsubscribe */
void
email_preferences_unsubscribe(struct call *c)
{
	struct mail_page page = { .title = "Unsubscribe",
		.question = "Do you want no more of these mails?",
		.button = "Unsubscribe" };
	struct preferences p = { .alerts = 0 };
	const char *token;

	if (!read_unsubscribe(c, &p, &token))
		return;
	page.action = mail_unsubscribe_url(
	    c->app->keys, c->app->conf->public_url, &p.project, &p.user, c->mem);
	if (!mail_page_asked(c, &page))
		unsubscribe(c, &p);
}

/* POST /v1/email/unsubscribe: the button was pressed, or a mail program did (RFC 8058). */
void
email_preferences_press(struct call *c)
{
	struct preferences p = { .alerts = 0 };
	const char *token;

	if (read_unsubscribe(c, &p, &token))
		unsubscribe(c, &p);
}

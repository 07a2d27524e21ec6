/* Tokens that are mailed to a person. Only their hashes are stored, and no token is ever logged. */
#include "app/api/user_token.h"

#include <string.h>

#include "app/api/activity.h"
#include "app/http/call.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "sql/stmt.h"

enum db_rc
user_token_make(struct call *c, enum token_purpose purpose, const struct uuid *user,
    const char *email, int64_t life_s, const char **text)
{
	unsigned char hash[SHA256_SIZE];
	char token[64];

	crypto_token(USER_TOKEN_PREFIX, token, sizeof(token));
	crypto_sha256(token, strlen(token), hash);
	*text = arena_strdup(c->mem, token);
	crypto_wipe(token, sizeof(token));
	return db_exec(c->db,
	    SQL_IN(user_token_insert, .hash = db_bytes(hash, sizeof(hash)), .user = db_uuid(user),
		.purpose = db_int(purpose), .email = db_text(email), .life_s = db_int(life_s)),
	    NULL);
}

void
user_token_refuse(struct call *c)
{
	struct problem p = { 0 };

	problem_set(&p, 400, "bad_request", "This link was used already, or has expired.");
	p.remediation = "Ask for a new one.";
	reply_problem(&c->reply, &p);
}

bool
user_token_open(
    struct call *c, enum token_purpose purpose, const char *text, struct user_token *out)
{
	int64_t used_us = 0, verified = 0;
	enum db_rc rc;

	*out = (struct user_token){ .purpose = purpose };
	crypto_sha256(text, strlen(text), out->hash);
	rc = db_row(c->db,
	    SQL_IN(user_token_get, .hash = db_bytes(out->hash, sizeof(out->hash)),
		.purpose = db_int(purpose)),
	    SQL_OUT(user_token_get, .user_id = db_get_uuid(&out->user_id),
		.email = db_get_text(&out->email), .used_at = db_get_time(&used_us),
		.user_email = db_get_text(&out->user_email),
		.email_verified = db_get_int(&verified)));
	out->used = used_us != TIME_NONE;
	out->verified = verified != 0;
	if (rc == DB_NONE)
		user_token_refuse(c);
	else if (rc != DB_OK)
		call_db_error(c, rc);
	return rc == DB_OK;
}

enum db_rc
user_token_end(struct call *c, enum token_purpose purpose, const struct uuid *user)
{
	return db_exec_any(
	    c->db, SQL_IN(user_token_end, .user = db_uuid(user), .purpose = db_int(purpose)), NULL);
}

enum db_rc
user_token_spend(struct call *c, const struct user_token *t)
{
	enum db_rc rc = db_exec(c->db,
	    SQL_IN(user_token_use, .hash = db_bytes(t->hash, sizeof(t->hash)),
		.purpose = db_int(t->purpose)),
	    NULL);

	if (rc == DB_NONE)
		user_token_refuse(c);
	return rc == DB_OK ? user_token_end(c, t->purpose, &t->user_id) : rc;
}

enum db_rc
user_token_activity(struct call *c, const struct user_token *t, enum activity_action action)
{
	struct principal who = {
		.kind = WHO_SESSION, .user_id = t->user_id, .label = t->user_email
	};
	enum db_rc rc = db_row(c->db, SQL_IN(project_first_of_user, .user = db_uuid(&t->user_id)),
	    SQL_OUT(project_first_of_user, .id = db_get_uuid(&who.project_id),
		.organization_id = db_get_uuid(&who.organization_id),
		.role = db_get_text(&who.role)));

	if (rc == DB_NONE)
		return DB_OK;
	return rc == DB_OK ? activity_write_as(c, &who, action, &t->user_id) : rc;
}

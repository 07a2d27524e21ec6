#ifndef APP_API_IDENTITY_H
#define APP_API_IDENTITY_H

#include "lib/db/db.h"

struct call;
struct json_object;
struct principal;
struct uuid;

/* Who is signed in, and in which project, in the shapes of the PinBridge API docs. */

/* A person can be a member of so many: all are in `available_organizations`. */
#define IDENTITY_ORGANIZATIONS_MAX 32

/* GET /v1/auth/me of `who`. On DB_OK the caller owns *out. DB_NONE: the user is gone. */
enum db_rc identity_me(struct call *c, const struct principal *who, struct json_object **out);
/* GET /v1/projects: organization, active_project, projects[]. */
enum db_rc identity_projects(struct call *c, const struct principal *who, struct json_object **out);
/* Replies with identity_projects() of the caller. */
void identity_reply_projects(struct call *c, int status);
/*
 * One project of the caller's organization, as in projects[], by its shown id; *id is then its own.
 * DB_NONE: not found.
 */
enum db_rc identity_project(struct call *c, struct uuid *id, struct json_object **out);

/*
 * Opens a session of who->user_id in who->project_id; *token is in the arena. Inside a transaction,
 * in which the person stays a member from here on. DB_NONE: not a member (any more).
 */
enum db_rc identity_open_session(struct call *c, const struct principal *who, const char **token);
/* Adds access_token, token_type and expires_in. */
void identity_put_token(struct call *c, struct json_object *o, const char *token);
/* Opens a session of `who`, and replies with it and identity_me(). Inside a transaction. */
enum db_rc identity_reply_session(struct call *c, const struct principal *who, int status);
/* The user as in `user` of identity_me(). */
struct identity_person {
	struct uuid id;
	const char *email, *full_name, *timezone;
	int64_t email_verified, created_us;
};
struct json_object *identity_person_json(const struct identity_person *p);

#endif

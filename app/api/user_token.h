#ifndef APP_API_USER_TOKEN_H
#define APP_API_USER_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/activity.h"
#include "lib/attr.h"
#include "lib/crypto.h"
#include "lib/db/db.h"
#include "lib/token_purpose.h"
#include "lib/uuid.h"

struct call;

/*
 * Tokens that are mailed to a person: good once, for one purpose, for a time, and for the address
 * that they were made for. Only their SHA-256 is stored.
 */
struct user_token {
	enum token_purpose purpose;
	struct uuid user_id;
	const char *email;      /* what it is about: the address it was sent to */
	const char *user_email; /* the person's address now */
	bool used, verified;    /* verified: user_email is */
	unsigned char hash[SHA256_SIZE];
};

/* Inside a transaction: stores a new one; *text is in the arena. */
enum db_rc user_token_make(struct call *c, enum token_purpose purpose, const struct uuid *user,
    const char *email, int64_t life_s, const char **text);
/* One that has not expired, used or not. False: the reply is set, to 400 when there is none. */
MUST_CHECK bool user_token_open(
    struct call *c, enum token_purpose purpose, const char *text, struct user_token *out);
/*
 * Inside a transaction: uses it, and ends the person's others of its purpose. DB_NONE: it was used
 * meanwhile, and the reply is set.
 */
enum db_rc user_token_spend(struct call *c, const struct user_token *t);
/* Inside a transaction: ends all of a purpose. */
enum db_rc user_token_end(struct call *c, enum token_purpose purpose, const struct uuid *user);
/* Sets the 400 for one that cannot be used. */
void user_token_refuse(struct call *c);
/* Inside a transaction: a row of the activity log of the person's first project. */
enum db_rc user_token_activity(
    struct call *c, const struct user_token *t, enum activity_action action);

#endif

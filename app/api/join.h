#ifndef APP_API_JOIN_H
#define APP_API_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/db/db.h"
#include "lib/uuid.h"

struct call;
struct principal;

/*
 * Joining an organization with an invitation: by its addressee alone, once, and only while whoever
 * invited could still give that role.
 */
#define JOIN_PREFIX "pti_"
#define JOIN_LIFE_S (7 * 24 * 3600)
/* The longest token that anybody may send. */
#define JOIN_TOKEN_MAX 512

/* Is it the token of an invitation into an organization, by its looks? NULL: no. */
MUST_CHECK bool join_wanted(const char *token);

/* An invitation that can be accepted; texts are in the arena. */
struct join_offer {
	struct uuid id, organization_id, by;
	const char *organization, *email, *role;
	const char *by_name, *by_email;
	int64_t expires_us, mailed;
};
/* DB_NONE: unknown, used, withdrawn, expired, or no longer in the power of who gave it. */
enum db_rc join_find(struct call *c, const char *token, struct join_offer *out);
/*
 * Before a password is hashed for it: false: the reply is set, to a 422 of `invite_token` if nobody
 * with that address can use the token.
 */
MUST_CHECK bool join_possible(struct call *c, const char *token, const char *email);

/* What a token came with: the body's `invite_token` (refused with 422), or `token` (404, 403). */
enum join_door { JOIN_WHEN_SIGNING_IN, JOIN_BY_ITSELF };
/*
 * Makes who->user_id, whose address is `email`, a member, and sets the organization, the project
 * and the role of *who. Inside a transaction. DB_NONE: refused, and the reply is set.
 */
enum db_rc join_organization(struct call *c, const char *token, const char *email,
    enum join_door door, struct principal *who, bool *proven);

#endif

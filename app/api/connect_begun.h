#ifndef APP_API_CONNECT_BEGUN_H
#define APP_API_CONNECT_BEGUN_H

#include <stdbool.h>
#include <stddef.h>

#include "app/pinterest/oauth_state.h"
#include "lib/attr.h"
#include "lib/conf.h"

struct call;
struct problem;

/*
 * Who may go on with a connection that was begun, so that nobody can lead another person's browser
 * into it: the browser that saw our page and continued there, which a cookie proves, or the
 * credential that began.
 */

/* What a person is told of the connection; in the arena. */
struct connect_begun {
	const char *organization, *project;
	const char *username; /* of the account that is to be connected again; NULL: any */
	enum environment environment;
};
/*
 * May the person or key that began it connect accounts of the project still? False: `why` is set,
 * to 403 or what the database did.
 */
MUST_CHECK bool connect_begun_load(
    struct call *c, const struct oauth_state *s, struct connect_begun *out, struct problem *why);

/* The steps of a browser: it was shown our page, and went on from there. */
enum connect_step { CONNECT_SHOWN, CONNECT_GONE_ON };
/*
 * Sets the cookie that proves the step with this secret (the state's nonce, the link's text). The
 * first is sent back from our own pages only, so that no other site can submit the form; the second
 * also when Pinterest sends the browser back.
 */
void connect_cookie_set(struct call *c, enum connect_step step, const void *secret, size_t len);
MUST_CHECK bool connect_cookie_sent(
    const struct call *c, enum connect_step step, const void *secret, size_t len);

/*
 * Is the caller who began it: the same person's session, or a key of the project if a key did?
 * False: the reply is set to 401, 403 or 503. For calls that carry a credential; see
 * connect_credential_sent().
 */
MUST_CHECK bool connect_begun_by_caller(struct call *c, const struct oauth_state *s);
MUST_CHECK bool connect_credential_sent(const struct call *c);

#endif

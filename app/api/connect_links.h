#ifndef APP_API_CONNECT_LINKS_H
#define APP_API_CONNECT_LINKS_H

#include <stdint.h>

#include "app/pinterest/oauth_state.h"
#include "lib/attr.h"

struct call;
struct problem;

/* Links to our page that connect one account, for people who have no login here. */

/* The address of our page; `name` is "state" or "link". In the arena. */
const char *connect_page_url(const struct call *c, const char *name, const char *text);
/*
 * Fills in a state, but for its expiry and nonce, if the link is good; *until_us is when it ends.
 * False: `why` is set to 404, or to what the database did.
 */
MUST_CHECK bool connect_link_open(struct call *c, const char *text, struct oauth_state *out,
    int64_t *until_us, struct problem *why);
/* Takes the link of a state (nil: there is none) for one account. False: `why` is set, to 409. */
MUST_CHECK bool connect_link_take(struct call *c, const struct oauth_state *s, struct problem *why);
/* What became of it; NULL: nothing, so that the link is good again. */
void connect_link_end(struct call *c, const struct oauth_state *s, const struct uuid *account_id);

#endif

#ifndef APP_PINTEREST_OAUTH_STATE_H
#define APP_PINTEREST_OAUTH_STATE_H

#include <stdint.h>

#include "lib/attr.h"
#include "lib/uuid.h"

struct arena;
struct keyring;

/*
 * The `state` parameter of an OAuth round trip: what the callback must know, signed with the
 * instance key against forgery. It expires, and its nonce makes it single-use (the callback records
 * it). Text: base64url(payload) "." base64url(signature). Pure except for the random nonce.
 */
struct oauth_state {
	struct uuid project_id;
	struct uuid user_id;    /* who began it; nil: an API key */
	struct uuid key_id;     /* the API key that began it; nil: a person */
	struct uuid account_id; /* the account that is to be connected again; nil: any */
	struct uuid link_id;    /* the connect link that it was begun with; nil: none */
	int64_t expires_us;
	unsigned char nonce[16];
	const char *return_to; /* NULL: none */
};

#define OAUTH_STATE_LIFE_US (600 * INT64_C(1000000))
#define OAUTH_STATE_MAX 4096

/* Fills in a fresh nonce. In the arena. */
const char *oauth_state_make(const struct keyring *keys, struct oauth_state *s, struct arena *mem);

enum oauth_state_fault { OAUTH_STATE_OK, OAUTH_STATE_FORGED, OAUTH_STATE_EXPIRED };
/* FORGED: damaged, altered, or not signed by this instance. */
MUST_CHECK enum oauth_state_fault oauth_state_read(const struct keyring *keys, const char *text,
    int64_t now_us, struct arena *mem, struct oauth_state *out);

/*
 * Does `url` start with one of the comma-separated prefixes? A prefix without a path must match the
 * whole host name. NULL or empty prefixes match nothing.
 */
MUST_CHECK int oauth_state_return_allowed(const char *prefixes, const char *url);

#endif

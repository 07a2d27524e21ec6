#ifndef APP_HTTP_AUTH_H
#define APP_HTTP_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/crypto.h"
#include "lib/role.h"

struct arena;
struct call;
struct json_object;

/* Who may ask for a route. */
enum auth_access {
	AUTH_PUBLIC,  /* no credential needed */
	AUTH_SESSION, /* a signed-in user; an API key is refused */
	AUTH_ANY,     /* session or API key; for a few, which read states, a status token, too */
	AUTH_INSIDE   /* the handler's own statement checks the credential */
};

/* SCOPE_* bits that these permissions amount to. Pure. */
unsigned auth_role_scopes(unsigned bits);
/* An object with one boolean per permission. */
struct json_object *auth_permissions_json(unsigned bits);

/*
 * The SHA-256 of the credential sent (X-API-Key first, then Bearer) and whether it is an API key.
 * False: none was sent, and the reply is a 401.
 */
MUST_CHECK bool auth_credential(struct call *c, unsigned char hash[SHA256_SIZE], bool *is_key);
/* Sets the 401 for an invalid credential. */
void auth_refuse(struct call *c, bool is_key);
/* Sets the 403 for a credential whose scopes lack `scope`. */
void auth_refuse_scope(struct call *c, unsigned scope);
/* Fills c->who as `access` requires. False: the reply is set to 401, 403 or 503. */
MUST_CHECK bool auth_check(struct call *c, enum auth_access access);
/* Checks the scope and, for a session, the permission. False: the reply is set to 403. */
MUST_CHECK bool auth_permitted(struct call *c, unsigned scope, unsigned permission);
/* Records that the key in c->who was used. auth_check() calls it at most once a minute per key. */
void auth_touch(struct call *c);

#endif

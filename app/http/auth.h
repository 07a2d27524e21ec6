#ifndef APP_HTTP_AUTH_H
#define APP_HTTP_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/crypto.h"

struct call;
struct json_object;

/* Who may ask for a route. */
enum auth_access {
	AUTH_PUBLIC,  /* no credential needed */
	AUTH_SESSION, /* a signed-in user; an API key is refused */
	AUTH_ANY,     /* session or API key */
	AUTH_INSIDE   /* the handler's own statement checks the credential */
};

/* What a role allows; API keys have scopes instead. */
enum auth_permission {
	PERM_NONE = 0,
	PERM_MEMBERS = 1 << 0,
	PERM_BILLING = 1 << 1,
	PERM_API_KEYS = 1 << 2,
	PERM_CONNECT = 1 << 3,
	PERM_PUBLISH = 1 << 4,
	PERM_DELETE_ASSETS = 1 << 5,
	PERM_RESET = 1 << 6,
	PERM_REPORTS = 1 << 7,
	PERM_DELETE_CONTENT = 1 << 8
};

/* Permissions of "owner", "admin" or "editor"; PERM_NONE for any other word. Pure. */
unsigned auth_role_permissions(const char *role);
/* SCOPE_* bits that these permissions amount to. Pure. */
unsigned auth_role_scopes(unsigned permissions);
/* An object with one boolean per permission. */
struct json_object *auth_permissions_json(unsigned permissions);

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

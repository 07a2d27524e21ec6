#ifndef LIB_ROLE_H
#define LIB_ROLE_H

#include <stdbool.h>

#include "lib/attr.h"

struct arena;

/* What a role allows (role.def); API keys have scopes instead. */
enum role_permission_at {
#define PERMISSION(NAME, name, owner, admin, editor, viewer, what) PERM_AT_##NAME,
#include "lib/role.def"
#undef PERMISSION
	PERM__COUNT
};
enum role_permission {
	PERM_NONE = 0,
#define PERMISSION(NAME, name, owner, admin, editor, viewer, what)                                 \
	PERM_##NAME = 1 << PERM_AT_##NAME,
#include "lib/role.def"
#undef PERMISSION
};

/* Permissions of a role; PERM_NONE for a word that is none. Pure. */
unsigned role_permissions(const char *role);
/* May a member with the role `own` give `role`, and change members who have it? Pure. */
MUST_CHECK bool role_gives(const char *own, const char *role);
/* The text in lower case, in the arena; NULL if it is no role. */
MUST_CHECK const char *role_read(const char *text, struct arena *mem);
/* The roles, for a refusal: "owner, admin, ...". */
const char *role_names(struct arena *mem);
/* The permission's name on the wire. */
const char *role_permission_name(enum role_permission_at at);

#endif

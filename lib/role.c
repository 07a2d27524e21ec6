/* Roles of members and what they may do. */
#include "lib/role.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "lib/arena.h"

static const char *const roles[] = {
#define ROLE(role, what) #role,
#include "lib/role.def"
#undef ROLE
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

static const struct {
	const char *name;
	bool has[ROLES]; /* in the order of the roles */
} permissions[PERM__COUNT] = {
#define PERMISSION(NAME, name, owner, admin, editor, viewer, what)                                 \
	[PERM_AT_##NAME] = { name, { owner, admin, editor, viewer } },
#include "lib/role.def"
#undef PERMISSION
};

unsigned
role_permissions(const char *role)
{
	unsigned bits = PERM_NONE;
	size_t r = 0, i;

	while (r < ROLES && (role == NULL || strcmp(role, roles[r]) != 0))
		r++;
	for (i = 0; r < ROLES && i < PERM__COUNT; i++)
		bits |= permissions[i].has[r] ? 1u << i : 0;
	return bits;
}

bool
role_gives(const char *own, const char *role)
{
	unsigned has = role_permissions(own), given = role_permissions(role);

	return (has & PERM_MEMBERS) != 0 && given != PERM_NONE && (given & ~has) == 0;
}

const char *
role_read(const char *text, struct arena *mem)
{
	char *role = arena_strdup(mem, text), *at;

	for (at = role; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return role_permissions(role) != PERM_NONE ? role : NULL;
}

const char *
role_names(struct arena *mem)
{
	const char *names = roles[0];
	size_t r;

	for (r = 1; r < ROLES; r++)
		names = arena_printf(mem, "%s, %s", names, roles[r]);
	return names;
}

const char *
role_permission_name(enum role_permission_at at)
{
	return permissions[at].name;
}

/* The table of app/routes.def. */
#include "app/routes.h"

#include "app/api/handlers.h"
#include "app/http/call.h"

#define SCOPE_N 0u
#define SCOPE_R SCOPE_READ
#define SCOPE_W SCOPE_WRITE
#define SCOPE_D SCOPE_DESTRUCTIVE

const struct route routes[] = {
#define ROUTE(method, pattern, access, scope, permission, body, size, query, handler)              \
	{ #method, pattern, AUTH_##access, SCOPE_##scope, PERM_##permission, BODY_##body,          \
		SIZE_##size, query, handler },
#include "app/routes.def"
#undef ROUTE
};
const size_t routes_len = sizeof(routes) / sizeof(routes[0]);

#ifndef APP_API_HANDLERS_H
#define APP_API_HANDLERS_H

struct call;

/* The handlers of app/routes.def. */
#define ROUTE(method, pattern, access, scope, permission, body, size, query, handler)              \
	void handler(struct call *c);
#include "app/routes.def"
#undef ROUTE

#endif

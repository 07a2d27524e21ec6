#ifndef APP_SANDBOX_SIM_HANDLERS_H
#define APP_SANDBOX_SIM_HANDLERS_H

struct sim_call;

/* The handlers of app/sandbox/sim_routes.def. */
#define SIM_ROUTE(method, path, kind, id, scopes, limit, handler) void handler(struct sim_call *c);
#include "app/sandbox/sim_routes.def"
#undef SIM_ROUTE

#endif

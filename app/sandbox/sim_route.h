#ifndef APP_SANDBOX_SIM_ROUTE_H
#define APP_SANDBOX_SIM_ROUTE_H

struct sim_call;

/*
 * Answers one request: c comes with sim, db, mem and req set, and leaves with its reply set.
 * Order of refusals: unknown path, method, database, cut body, token, application, scope, rate,
 * JSON, fault, then the handler's own.
 */
void sim_route_answer(struct sim_call *c);

#endif

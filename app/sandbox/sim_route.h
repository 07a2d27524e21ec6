#ifndef APP_SANDBOX_SIM_ROUTE_H
#define APP_SANDBOX_SIM_ROUTE_H

struct sim_call;

/*
 * Handles one request: expects sim, db, mem, stop_fd and req in `c`, and sets its reply. Order of
 * checks: path, method, database, complete body, token, application, scope, rate, JSON, fault, then
 * the handler's own.
 */
void sim_route_answer(struct sim_call *c);

#endif

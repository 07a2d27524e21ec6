#ifndef APP_SANDBOX_SIM_ROUTE_H
#define APP_SANDBOX_SIM_ROUTE_H

struct sim_call;

/*
 * Handles one request: expects sim, db, mem, stop_fd and req in `c`, and sets its reply. Order of
 * checks: path, method, the application's or the tests' credentials, database, token, body,
 * application, scope, rate, JSON, fault, then the handler's own.
 */
void sim_route_answer(struct sim_call *c);

#endif

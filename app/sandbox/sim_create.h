#ifndef APP_SANDBOX_SIM_CREATE_H
#define APP_SANDBOX_SIM_CREATE_H

struct sim_call;

/* Writes the ledger row of a POST /pins unless it was written with the pin. */
void sim_create_record(struct sim_call *c);

#endif

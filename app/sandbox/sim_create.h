#ifndef APP_SANDBOX_SIM_CREATE_H
#define APP_SANDBOX_SIM_CREATE_H

struct sim_call;

/* The ledger row of a POST /pins that made no pin; does nothing when the create is there already.
 */
void sim_create_record(struct sim_call *c);

#endif

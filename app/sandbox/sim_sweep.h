#ifndef APP_SANDBOX_SIM_SWEEP_H
#define APP_SANDBOX_SIM_SWEEP_H

#include <stdint.h>

#include "lib/db/db.h"

/*
 * What the simulator keeps, so that its tables are bounded: by age, for all in a thread of its own,
 * and by number for each Pinterest user, where rows are added.
 */

/* Days. */
#define SIM_SWEEP_KEPT_DAYS 30 /* pins, and rows of the ledger */
#define SIM_SWEEP_TOKEN_DAYS 1 /* after a token has ended */
#define SIM_SWEEP_USER_DAYS 90 /* after the last use, once all tokens are gone; with the boards */
/* Of one user: the newest are kept. */
#define SIM_SWEEP_CODES 20
#define SIM_SWEEP_TOKENS 100 /* of each kind */

struct conf;
struct sim_sweep;

/* Starts the thread, with all signals blocked. It sweeps at once, and then every minute. */
struct sim_sweep *sim_sweep_new(const struct conf *conf);
void sim_sweep_free(struct sim_sweep *s);

/* After a create: drops what the user has beyond the `kept` newest pins and rows of the ledger. */
void sim_sweep_user(struct db *db, int64_t user_id, int64_t kept);

#endif

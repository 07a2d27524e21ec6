#ifndef APP_SANDBOX_SIM_SCENARIO_H
#define APP_SANDBOX_SIM_SCENARIO_H

#include <stdint.h>

#include "lib/db/db.h"

struct sim_call;

/*
 * Boards whose names say what happens to a create. The values are stored in
 * sandbox_boards.scenario: append only.
 */
enum sim_scenario {
	SIM_SCENARIO_NONE, /* an ordinary board */
	SIM_SCENARIO_WORKS,
	SIM_SCENARIO_SLOW,
	SIM_SCENARIO_LIMITED_TWICE,
	SIM_SCENARIO_ERROR_TWICE,
	SIM_SCENARIO_LOST_AFTER,
	SIM_SCENARIO_LOST_BEFORE,
	SIM_SCENARIO_NO_FETCH,
	SIM_SCENARIO_BROKEN,
	SIM_SCENARIO_VANISHES,
	SIM_SCENARIO_REVOKED,
	SIM_SCENARIO_UNAPPROVED,
	SIM_SCENARIO_SPAM_BLOCK,
	SIM_SCENARIO_LINK_BLOCKED,
	SIM_SCENARIO__COUNT
};

/* The scenario of a board with that name. */
enum sim_scenario sim_scenario_named(const char *name);
/* Creates the user's scenario boards. Call it in a transaction. */
enum db_rc sim_scenario_boards(struct db *db, int64_t user_id, int64_t now_us);
/*
 * Sets c->fault for a create on c->board_id. Faults that end after some requests or some time count
 * per body, and start over once the body has become a pin, so that a rehearsal can be repeated.
 */
enum db_rc sim_scenario_judge(struct sim_call *c, enum sim_scenario scenario, int64_t triggered_us,
    const unsigned char body_hash[32]);

#endif

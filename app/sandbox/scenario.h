#ifndef APP_SANDBOX_SCENARIO_H
#define APP_SANDBOX_SCENARIO_H

#include <stdint.h>

#include "lib/db/db.h"

struct call;

/*
 * Boards whose names say what a create on them meets. The numbers are stored in
 * sandbox_boards.scenario: append only.
 */
enum scenario {
	SCENARIO_NONE, /* an ordinary board */
	SCENARIO_WORKS,
	SCENARIO_SLOW,
	SCENARIO_LIMITED_TWICE,
	SCENARIO_ERROR_TWICE,
	SCENARIO_LOST_AFTER,
	SCENARIO_LOST_BEFORE,
	SCENARIO_NO_FETCH,
	SCENARIO_BROKEN,
	SCENARIO_VANISHES,
	SCENARIO_REVOKED,
	SCENARIO_UNAPPROVED,
	SCENARIO_SPAM_BLOCK,
	SCENARIO_LINK_BLOCKED,
	SCENARIO__COUNT
};

/* The scenario of a board of that name. */
enum scenario scenario_named(const char *name);
/* Makes the user's scenario boards; inside the caller's transaction. */
enum db_rc scenario_boards(struct db *db, int64_t user_id, int64_t now_us);
/*
 * Sets c->fault for a create of this body on c->board_id. "Twice", "first" and "a while" are
 * counted per body, and again from the start once a pin was made of it, so a rehearsal can be
 * repeated.
 */
enum db_rc scenario_judge(
    struct call *c, enum scenario scenario, int64_t sprung_us, const unsigned char body_hash[32]);

#endif

#ifndef SQL_MOVES_H
#define SQL_MOVES_H

#include "lib/pin.h"

/*
 * Every move of pins.state and schedules.state that a statement can make: the `-- moves:` lines,
 * gathered by sql/embed.awk. tests/sql/test_moves holds them against pin_may_follow().
 */
struct sql_move {
	const char *stmt; /* NULL ends the table */
	int from;         /* enum pin_state, or SQL_MOVE_NEW: of a new row */
	int to;
};
#define SQL_MOVE_NEW (-1)
extern const struct sql_move sql_moves[];

#endif

/* The moves that statements name are those of the one table of moves. */
#include "sql/moves.h"

#include "tests/tap.h"

static bool
may_move(const struct sql_move *m)
{
	if (m->from == SQL_MOVE_NEW)
		return m->to == PIN_PLANNED || m->to == PIN_WAITING || m->to == PIN_VERIFYING;
	return pin_may_follow((enum pin_state)m->from, (enum pin_state)m->to);
}

int
main(void)
{
	static const struct sql_move wrong[] = { { "published again", PIN_PUBLISHED, PIN_WAITING },
		{ "sent unseen", SQL_MOVE_NEW, PIN_SENDING } };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!may_move(&wrong[i]), "a wrong move is found: %s", wrong[i].stmt);
	for (const struct sql_move *m = sql_moves; m->stmt != NULL; m++)
		ok(may_move(m), "%s: %s -> %s", m->stmt,
		    m->from == SQL_MOVE_NEW ? "new" : pin_state_name((enum pin_state)m->from),
		    pin_state_name((enum pin_state)m->to));
	return tap_done();
}

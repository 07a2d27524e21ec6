-- A promoted schedule's state is that of its pin, if it still exists.
CASE WHEN s.state BETWEEN $PIN_WAITING AND $PIN_VERIFYING THEN COALESCE(p.state, s.state)
  ELSE s.state END

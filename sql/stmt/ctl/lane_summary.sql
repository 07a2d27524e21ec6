-- Lanes: all, with work due now, with work later, held, with a create in flight; the oldest due
-- work.
SELECT COUNT(*) AS total, COALESCE(SUM(next_turn_at <= UTC_TIMESTAMP(6)), 0) AS due,
  COALESCE(SUM(next_turn_at > UTC_TIMESTAMP(6)), 0) AS later,
  COALESCE(SUM(hold_until > UTC_TIMESTAMP(6)), 0) AS held,
  COALESCE(SUM(busy_until > UTC_TIMESTAMP(6)), 0) AS busy, MIN(next_turn_at) AS oldest
FROM lanes

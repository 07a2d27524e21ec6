-- Lanes: all, with work due now, with work later, held, a create under way; the oldest due work.
SELECT COUNT(*), COALESCE(SUM(next_turn_at <= UTC_TIMESTAMP(6)), 0),
  COALESCE(SUM(next_turn_at > UTC_TIMESTAMP(6)), 0), COALESCE(SUM(held_until > UTC_TIMESTAMP(6)), 0),
  COALESCE(SUM(busy_until > UTC_TIMESTAMP(6)), 0), MIN(next_turn_at)
FROM lanes

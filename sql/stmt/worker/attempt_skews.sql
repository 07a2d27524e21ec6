-- How far Pinterest's clock was from ours when a pin was sent, as far as it is known: 0, what is noted
-- on its attempt (last column), what answers to others of its lane said, before and after it.
SELECT LEAST(0, MIN(s.ms)) AS slowest, GREATEST(0, MAX(s.ms)) AS fastest, MAX(s.own) AS own FROM (
  (SELECT COALESCE(date_skew_ms, 0) AS ms, COALESCE(date_skew_ms, 0) AS own FROM attempts WHERE pin_id = :pin AND number = :number)
  UNION ALL
  (SELECT date_skew_ms, NULL FROM attempts WHERE lane_id = :lane AND date_skew_ms IS NOT NULL
    AND opened_at <= :opened ORDER BY opened_at DESC LIMIT 20)
  UNION ALL
  (SELECT date_skew_ms, NULL FROM attempts WHERE lane_id = :lane AND date_skew_ms IS NOT NULL
    AND opened_at > :opened ORDER BY opened_at LIMIT 20)) s

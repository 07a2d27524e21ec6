-- The known differences between Pinterest's clock and the database's when a pin was sent: 0, the
-- attempt's own (last column), and those of the lane's answers before and after it.
SELECT LEAST(0, MIN(s.ms)) AS slowest, GREATEST(0, MAX(s.ms)) AS fastest, MAX(s.own) AS own FROM (
  (SELECT COALESCE(date_skew_ms, 0) AS ms, COALESCE(date_skew_ms, 0) AS own FROM attempts
    WHERE pin_id = :pin AND number = :number)
  UNION ALL
  (SELECT date_skew_ms, NULL FROM attempts WHERE lane_id = :lane AND date_skew_ms IS NOT NULL
    AND opened_at <= :opened ORDER BY opened_at DESC LIMIT 20)
  UNION ALL
  (SELECT date_skew_ms, NULL FROM attempts WHERE lane_id = :lane AND date_skew_ms IS NOT NULL
    AND opened_at > :opened ORDER BY opened_at LIMIT 20)) s

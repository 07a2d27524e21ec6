-- More than :late_by seconds after its time: published so much later, or not yet.
s.state <> $PIN_CANCELED AND s.run_at + INTERVAL :late_by SECOND < COALESCE(
  (SELECT o.published_at FROM pins o WHERE o.id = s.pin_id),
  IF(s.state = $PIN_PUBLISHED, s.run_at, UTC_TIMESTAMP(6)))

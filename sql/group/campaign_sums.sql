-- Counts and times of campaign_planned or campaign_direct `i`; late: more than :late seconds after its time, or that long
-- past its time and not published.
COUNT(*) AS items, MIN(i.run_at) AS first_run_at, MAX(i.run_at) AS last_run_at,
COALESCE(SUM(i.state <> $PIN_CANCELED AND COALESCE(i.published_at, UTC_TIMESTAMP(6))
  > i.run_at + INTERVAL :late SECOND), 0) AS late,
COALESCE(MAX(TIMESTAMPDIFF(SECOND, i.run_at, i.published_at)), 0) AS most_s,
COALESCE(SUM(TIMESTAMPDIFF(SECOND, i.run_at, i.published_at)), 0) AS sum_s

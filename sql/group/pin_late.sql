-- As schedule_late, for a pin.
p.run_at + INTERVAL :late_by SECOND < COALESCE(p.published_at, UTC_TIMESTAMP(6))

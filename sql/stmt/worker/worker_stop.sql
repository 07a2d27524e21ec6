-- A clean stop; expected: the next run of --once in microseconds from now, or NULL.
UPDATE workers SET stopped_at = UTC_TIMESTAMP(6), seen_at = UTC_TIMESTAMP(6),
  expected_at = UTC_TIMESTAMP(6) + INTERVAL :expected MICROSECOND
WHERE id = :id

-- How many pins match the same filters, up to :most.
SELECT COUNT(*) AS total FROM (
  SELECT 1 FROM pins p
  LEFT JOIN waiting w ON (:deferred IS NOT NULL OR :error IS NOT NULL) AND p.state = $PIN_WAITING
    AND w.pin_id = p.id
  WHERE {pin_filter} AND {pin_search}
  LIMIT :most
) n

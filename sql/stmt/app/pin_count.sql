-- How many pins match the same filters, up to :most.
SELECT COUNT(*) AS total FROM (
  SELECT 1 FROM pins p
  WHERE {pin_filter} AND {pin_search}
  LIMIT :most
) n

-- How many pins match the same filters.
SELECT COUNT(*) AS total FROM pins p
WHERE {pin_filter}

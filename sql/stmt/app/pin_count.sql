-- How many pins the same filters find.
SELECT COUNT(*) AS total FROM pins p
WHERE {pin_filter}

-- The names of campaigns behind one, each read once from its index.
SELECT x.name FROM (
  (SELECT DISTINCT campaign AS name FROM schedules
   WHERE project_id = :project AND campaign > :after
     AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(account_id)), :allow))
   ORDER BY campaign LIMIT :most)
  UNION
  (SELECT DISTINCT campaign FROM pins
   WHERE project_id = :project AND campaign > :after
     AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(account_id)), :allow))
   ORDER BY campaign LIMIT :most)
) x ORDER BY x.name LIMIT :most

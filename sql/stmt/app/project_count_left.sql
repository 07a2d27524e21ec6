-- How many earlier ids of a project are not forgotten yet.
SELECT COUNT(*) AS total FROM projects p
WHERE p.id BETWEEN CONCAT(LEFT(:project, 13), x'000000') AND CONCAT(LEFT(:project, 13), x'FFFFFF')
  AND p.reset_at IS NOT NULL

-- Of how many organizations with connected accounts has every one to be connected again, at least one
-- of them since a day, and how many organizations there are.
SELECT COUNT(*) AS organizations, COUNT(IF(x.well = 0 AND x.lately > 0, 1, NULL)) AS cut_off
FROM (SELECT j.organization_id, COUNT(IF(a.health = 0, 1, NULL)) AS well,
    COUNT(IF(a.health <> 0 AND a.health_checked_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY, 1, NULL))
      AS lately
  FROM pinterest_accounts a JOIN projects j ON j.id = a.project_id
  WHERE a.revoked_at IS NULL AND j.environment = 0
  GROUP BY j.organization_id) x

-- One more in the week that began at :week. (Columns are set from left to right.)
UPDATE projects SET mcp_used = IF(mcp_week_at = :week, mcp_used + 1, 1), mcp_week_at = :week
WHERE id = :project

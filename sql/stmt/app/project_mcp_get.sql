-- Requests of MCP servers for a project in the week that began at :week.
SELECT IF(mcp_week_at = :week, mcp_used, 0) AS used FROM projects WHERE id = :project

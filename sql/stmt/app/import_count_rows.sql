-- How many rows of a project's imports wait.
SELECT LEAST(COALESCE(SUM(total_rows - processed_rows), 0), :most) AS used FROM imports
WHERE project_id = :owner AND due_at IS NOT NULL

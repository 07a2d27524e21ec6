-- Why a waiting pin waits.
-- users: app
-- params: project, id
SELECT wait_code FROM waiting WHERE pin_id = :id AND project_id = :project

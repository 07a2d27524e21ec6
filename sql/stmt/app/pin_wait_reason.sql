-- Why a waiting pin waits, and until when.
SELECT wait_code, wait_until FROM waiting WHERE pin_id = :id AND project_id = :project

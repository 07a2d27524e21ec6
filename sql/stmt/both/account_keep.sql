-- Reset of a project: its pinterest accounts stay, under its new id.
-- users: app worker
UPDATE IGNORE pinterest_accounts SET project_id = :to WHERE project_id = :from

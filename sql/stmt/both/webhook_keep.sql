-- Reset of a project: its webhooks stay, under its new id.
-- users: app worker
UPDATE webhooks SET project_id = :to WHERE project_id = :from

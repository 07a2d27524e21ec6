-- Reset of a project: its sessions stay, under its new id.
-- users: app worker
UPDATE sessions SET project_id = :to WHERE project_id = :from

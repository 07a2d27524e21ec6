-- Reset of a project: its assets stay, under its new id.
-- users: app worker
UPDATE assets SET project_id = :to WHERE project_id = :from

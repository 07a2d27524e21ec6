-- Reset of a project: its connect links stay, under its new id.
-- users: app worker
UPDATE connect_links SET project_id = :to WHERE project_id = :from

-- Reset of a project: its api keys stay, under its new id.
-- users: app worker
UPDATE api_keys SET project_id = :to WHERE project_id = :from

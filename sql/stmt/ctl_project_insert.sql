-- A production project.
-- users: ctl
-- params: id, organization, name
INSERT INTO projects (id, organization_id, name, environment, created_at)
VALUES (:id, :organization, :name, 0, UTC_TIMESTAMP(6))

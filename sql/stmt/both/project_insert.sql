-- A new project. sandbox_of is unique: an organization has at most one sandbox.
-- users: app ctl
INSERT INTO projects (id, organization_id, name, environment, sandbox_of, timezone, created_at)
VALUES (:id, :organization, :name, :environment, :sandbox_of, :timezone, UTC_TIMESTAMP(6))

-- A new organization.
-- users: app ctl
INSERT INTO organizations (id, name, created_at) VALUES (:id, :name, UTC_TIMESTAMP(6))

-- Schedules whose time has come: their pins are looked for before they are sent.
-- users: ctl
-- params: since
UPDATE schedules SET look_since = :since
WHERE state = 0 AND due_at <= UTC_TIMESTAMP(6) AND deleted_at IS NULL

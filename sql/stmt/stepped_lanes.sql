-- The clock went back: every lane that waits is looked at, and decides anew.
-- users: worker
UPDATE lanes SET work_at = UTC_TIMESTAMP(6) WHERE work_at > UTC_TIMESTAMP(6)

-- Creates that the backup shows under way: nobody is left to tell how they ended.
-- users: ctl
UPDATE attempts SET outcome = 3, closed_at = UTC_TIMESTAMP(6),
  message = 'Restored from a backup before its outcome was known.'
WHERE outcome IS NULL AND pin_id IN (SELECT p.id FROM pins p WHERE p.state = 2)

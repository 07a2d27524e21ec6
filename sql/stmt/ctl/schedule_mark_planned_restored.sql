-- Marks due schedules: their pins are looked up before they are sent. An earlier restore may go
-- further back.
UPDATE schedules SET maybe_sent_since = LEAST(COALESCE(maybe_sent_since, :since), :since)
WHERE id > :after AND id <= :to AND state = $PIN_PLANNED AND due_at <= UTC_TIMESTAMP(6)
  AND deleted_at IS NULL

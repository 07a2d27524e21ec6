-- Marks a schedule just created by a restored import: its pin is looked up before it may be sent.
UPDATE schedules FORCE INDEX (PRIMARY) SET
  maybe_sent_since = :since WHERE id = :id AND project_id = :project
  AND state = $PIN_PLANNED

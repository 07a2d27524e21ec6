-- A schedule just made of a restored import: its pin is looked for before it may be sent.
UPDATE schedules SET maybe_sent_since = :since WHERE id = :id AND project_id = :project AND state = $PIN_PLANNED

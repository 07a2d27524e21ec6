-- Marks a pin just created by a restored import: it is looked up before it may be sent.
UPDATE pins FORCE INDEX (PRIMARY) SET
  maybe_sent_since = :since WHERE id = :id AND project_id = :project
  AND state = $PIN_WAITING

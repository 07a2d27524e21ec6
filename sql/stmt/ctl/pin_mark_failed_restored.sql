-- Marks failed pins of any age, which may have been retried since the backup: if retried again,
-- they are looked up first.
UPDATE pins SET maybe_sent_since = LEAST(COALESCE(maybe_sent_since, :since), :since)
WHERE id > :after AND id <= :to AND state = $PIN_FAILED AND deleted_at IS NULL

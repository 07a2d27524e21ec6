-- Failed ones, however long ago, may have been retried since: should that happen again, they are looked for first.
UPDATE pins SET maybe_sent_since = LEAST(COALESCE(maybe_sent_since, :since), :since)
WHERE id > :after AND id <= :to AND state = $PIN_FAILED AND deleted_at IS NULL

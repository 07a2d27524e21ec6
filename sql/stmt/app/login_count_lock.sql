-- A count, kept as found until the end of the transaction, and the time.
SELECT value, at, UTC_TIMESTAMP(6) AS now
FROM login_counts
WHERE kind = :kind AND slot = :slot
FOR UPDATE

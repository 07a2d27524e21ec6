-- After a backward clock step: an import's turn is now.
UPDATE imports SET due_at = UTC_TIMESTAMP(6) WHERE due_at > UTC_TIMESTAMP(6)

-- When the create before the last :skip ones was opened, of those that may have been sent.
SELECT opened_at FROM attempts
WHERE lane_id = :lane AND (outcome IS NULL OR outcome <> $ATTEMPT_NOT_SENT)
ORDER BY opened_at DESC LIMIT 1 OFFSET :skip

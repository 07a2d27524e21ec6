-- How many creates were opened since :since, of those that may have been sent.
SELECT COUNT(*) AS creates FROM attempts
WHERE lane_id = :lane AND opened_at > :since AND (outcome IS NULL OR outcome <> $ATTEMPT_NOT_SENT)

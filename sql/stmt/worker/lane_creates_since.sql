-- How many creates were opened since, of those that may have left.
SELECT COUNT(*) AS creates FROM attempts
WHERE lane_id = :lane AND opened_at > :since AND (outcome IS NULL OR outcome <> $ATTEMPT_NOT_SENT)

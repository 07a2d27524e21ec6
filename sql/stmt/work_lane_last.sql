-- Whose pin the lane sent last: accounts of one lane take turns.
-- users: worker
-- params: lane
SELECT account_id FROM attempts WHERE lane_id = :lane ORDER BY opened_at DESC LIMIT 1

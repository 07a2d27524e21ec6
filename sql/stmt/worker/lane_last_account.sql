-- Whose pin the lane sent last: accounts of one lane take turns. (Later than now: before the clock
-- went back.)
SELECT account_id FROM attempts WHERE lane_id = :lane AND opened_at <= UTC_TIMESTAMP(6) ORDER BY opened_at DESC LIMIT 1

-- The account of the lane's last create, since accounts of one lane take turns. (Creates later than
-- now are from before a backward clock step.)
SELECT account_id FROM attempts WHERE lane_id = :lane AND opened_at <= UTC_TIMESTAMP(6)
ORDER BY opened_at DESC LIMIT 1

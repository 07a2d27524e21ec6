-- The outcomes of a lane's last creates, latest first; 0: open.
SELECT COALESCE(outcome, 0) AS outcome FROM attempts WHERE lane_id = :lane
ORDER BY opened_at DESC LIMIT 12

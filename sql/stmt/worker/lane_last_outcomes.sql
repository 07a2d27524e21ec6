-- How the last creates of a lane ended, the latest first; 0: not yet.
SELECT COALESCE(outcome, 0) AS outcome FROM attempts WHERE lane_id = :lane ORDER BY opened_at DESC LIMIT 12

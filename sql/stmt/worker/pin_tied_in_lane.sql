-- Is this Pinterest pin another pin of the lane?
SELECT 1 AS found FROM pins WHERE lane_id = :lane AND pinterest_pin_id = :pinterest AND id <> :pin

-- Whether another pin of the lane has this Pinterest id.
SELECT 1 AS found FROM pins WHERE lane_id = :lane AND pinterest_pin_id = :pinterest AND id <> :pin

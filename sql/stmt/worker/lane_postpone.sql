-- Postpones a lane whose rows the database refuses, so that it does not stop the others.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND WHERE id = :id

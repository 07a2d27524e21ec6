-- A lane whose rows the database refuses must not stop the others.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND WHERE id = :id

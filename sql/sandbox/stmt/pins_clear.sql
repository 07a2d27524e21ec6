-- Forgets every row of sandbox_pins.
-- users: sandbox
DELETE FROM sandbox_pins

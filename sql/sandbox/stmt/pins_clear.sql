-- Deletes every pin.
-- users: sandbox
DELETE FROM sandbox_pins

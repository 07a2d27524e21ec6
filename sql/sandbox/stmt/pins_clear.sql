-- Deletes every pin.
DELETE FROM sandbox_pins

-- Deletes a pin.
UPDATE sandbox_pins SET deleted_at = UTC_TIMESTAMP(6), changed_at = UTC_TIMESTAMP(6)
WHERE id = :id AND user_id = :user AND deleted_at IS NULL

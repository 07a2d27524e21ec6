-- How often, and when first, a scenario hit this body since it last became a pin.
SELECT COUNT(*) AS creates, MIN(arrived_at) AS oldest FROM sandbox_creates
WHERE body_hash = :hash AND fault = :fault AND pin_id IS NULL
  AND id > IFNULL((SELECT MAX(id) FROM sandbox_creates WHERE body_hash = :hash AND pin_id IS NOT NULL), 0)

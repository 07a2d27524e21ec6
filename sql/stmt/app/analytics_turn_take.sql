-- Waits for others who ask Pinterest the same thing.
SELECT COALESCE(GET_LOCK(:name, :seconds), 0) AS got

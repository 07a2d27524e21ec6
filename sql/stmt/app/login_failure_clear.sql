-- Forgets failures.
DELETE FROM login_counts WHERE kind = :kind AND slot = :slot

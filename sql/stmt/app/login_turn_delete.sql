-- A turn that was used.
DELETE FROM login_counts WHERE kind = :kind AND slot = :slot AND name = :name

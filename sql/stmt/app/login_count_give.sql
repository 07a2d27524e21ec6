-- Gives a token back.
UPDATE login_counts SET value = value + :token WHERE kind = :kind AND slot = :slot

-- Forgets the keys that are not in the key file.
DELETE FROM instance_keys WHERE NOT FIND_IN_SET(key_id, :kept)

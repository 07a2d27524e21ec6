-- Another name.
UPDATE users SET full_name = :name WHERE id = :user

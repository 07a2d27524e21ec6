-- The lane's create is over.
-- users: worker
-- params: id, pin
UPDATE lanes SET busy_until = NULL, open_pin = NULL WHERE id = :id AND open_pin = :pin

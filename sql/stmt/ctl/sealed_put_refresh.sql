-- Puts what was sealed anew in the place of what was read, unless that has changed meanwhile.
UPDATE pinterest_accounts SET refresh_sealed = :sealed WHERE id = :id AND refresh_sealed = :was

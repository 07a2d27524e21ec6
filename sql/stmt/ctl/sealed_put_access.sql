-- Puts what was sealed anew in the place of what was read, unless that has changed meanwhile.
UPDATE pinterest_accounts SET access_sealed = :sealed WHERE id = :id AND access_sealed = :was

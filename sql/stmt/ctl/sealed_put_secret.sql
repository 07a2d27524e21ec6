-- Puts what was sealed anew in the place of what was read, unless that has changed meanwhile.
UPDATE webhooks SET secret_sealed = :sealed WHERE id = :id AND secret_sealed = :was

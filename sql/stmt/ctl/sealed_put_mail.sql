-- Puts what was sealed anew in the place of what was read, unless that has changed meanwhile.
UPDATE mails SET text_sealed = :sealed WHERE id = :id AND text_sealed = :was

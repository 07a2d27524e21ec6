-- `pintempo recover`: between these times a lane may have sent what this database does not know. They
-- count against its daily cap: lost_creates of them, or (NULL) as many as its pace allows.

ALTER TABLE lanes ADD COLUMN lost_since DATETIME(6) NULL, ADD COLUMN lost_until DATETIME(6) NULL,
  ADD COLUMN lost_creates INT UNSIGNED NULL, ALGORITHM=INSTANT;
-- Not NULL: of a restored import that was under way; its rows may have been published since.
ALTER TABLE imports ADD COLUMN maybe_sent_since DATETIME(6) NULL, ALGORITHM=INSTANT;

-- `pintempo recover`: since when a row of a restored database may have been published unknown to it.
-- Not NULL: its pin is looked for on Pinterest, from that time on, before it may be sent.

ALTER TABLE schedules ADD COLUMN maybe_sent_since DATETIME(6) NULL, ALGORITHM=INSTANT;
ALTER TABLE pins ADD COLUMN maybe_sent_since DATETIME(6) NULL, ALGORITHM=INSTANT;

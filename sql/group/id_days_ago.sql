-- The least id (UUIDv7, by time) of :days ago, which keeps a sweep within the old end of a table.
UNHEX(LPAD(HEX(FLOOR(UNIX_TIMESTAMP(UTC_TIMESTAMP(6) - INTERVAL :days DAY) * 1000)), 12, '0'))

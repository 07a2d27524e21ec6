-- Counts a hit in a window that begins with its first hit; returns the count and the end.
INSERT INTO sandbox_windows (window_key, hits, ends_us) VALUES (:key, 1, :now + :len)
ON DUPLICATE KEY UPDATE
  hits = IF(ends_us <= :now, 1, hits + 1),
  ends_us = IF(ends_us <= :now, :now + :len, ends_us)
RETURNING hits, ends_us

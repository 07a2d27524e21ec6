-- Drops rate windows that have ended.
DELETE FROM sandbox_windows WHERE ends_us < :now

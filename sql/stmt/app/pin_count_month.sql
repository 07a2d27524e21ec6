-- Pins of a project that were published since :since, deleted ones too: those were published before.
-- anew: counts many entries of an index
SELECT (SELECT COUNT(*) FROM pins
  WHERE project_id = :project AND deleted_at IS NULL AND published_at >= :since) +
  (SELECT COUNT(*) FROM pins
  WHERE project_id = :project AND deleted_at >= :since AND published_at >= :since) AS used

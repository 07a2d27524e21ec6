-- What is still to be sent to a board: planned schedules, and pins that wait or are being sent.
SELECT
  (SELECT COUNT(*) FROM schedules s FORCE INDEX (by_state) WHERE s.project_id = :project
    AND s.deleted_at IS NULL AND s.state = $PIN_PLANNED AND s.board_id = :board) AS schedules,
  (SELECT COUNT(*) FROM pins p FORCE INDEX (by_state) WHERE p.project_id = :project
    AND p.deleted_at IS NULL AND p.state IN ($PIN_WAITING, $PIN_SENDING, $PIN_VERIFYING)
    AND p.board_id = :board) AS pins

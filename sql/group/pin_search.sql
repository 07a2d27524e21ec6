-- What costs something for each row: the text that a search looks for, and why the pin waits; NULL:
-- not asked. Looks only at the rows of a list's window.
(:q IS NULL OR p.title LIKE :q OR p.description LIKE :q OR p.link_url LIKE :q)
  AND (:deferred IS NULL
    OR ((SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id) <> $WAIT_NONE) = :deferred)
  AND (:error IS NULL
    OR (p.error_code = :error AND (p.state = $PIN_FAILED OR (p.state = $PIN_WAITING
      AND (SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id) IN ($WAIT_NONE, $WAIT_RETRY))))
    OR (:waits_any = 1 AND p.state = $PIN_WAITING
      AND (SELECT w.wait_code FROM waiting w WHERE w.pin_id = p.id) IN (:waits[16])))

-- What costs something for each row: the text that a search looks for, and why the pin waits (w, of
-- a pin that waits); NULL: not asked. Looks only at the rows of a list's window.
(:q IS NULL OR p.title LIKE :q OR p.description LIKE :q OR p.link_url LIKE :q)
  AND (:deferred IS NULL
    OR (w.wait_code <> $WAIT_NONE) = :deferred)
  AND (:error IS NULL
    OR (p.error_code = :error AND (p.state = $PIN_FAILED OR w.wait_code IN ($WAIT_NONE, $WAIT_RETRY)))
    OR (:waits_any = 1 AND w.wait_code IN (:waits[16])))
  AND (:late_by IS NULL OR ({pin_late}))

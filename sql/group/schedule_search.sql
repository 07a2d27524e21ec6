-- What costs something for each row: as in pin_search.
(:q IS NULL OR s.title LIKE :q OR s.description LIKE :q OR s.link_url LIKE :q)
  AND (:deferred IS NULL
    OR (COALESCE(w.wait_code, $WAIT_NONE) <> $WAIT_NONE) = :deferred)
  AND (:late_by IS NULL OR ({schedule_late}))

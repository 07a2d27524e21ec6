-- The text that a search looks for; NULL: none.
(:q IS NULL OR s.title LIKE :q OR s.description LIKE :q OR s.link_url LIKE :q)

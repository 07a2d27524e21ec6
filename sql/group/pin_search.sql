-- The text that a search looks for; NULL: none.
(:q IS NULL OR p.title LIKE :q OR p.description LIKE :q OR p.link_url LIKE :q)

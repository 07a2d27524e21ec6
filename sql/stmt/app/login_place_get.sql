-- Did a good login of an address come from a network in the last :days? And the time.
SELECT EXISTS (
  SELECT 1 FROM login_places
  WHERE address = :address AND network = :network
    AND good_at > UTC_TIMESTAMP(6) - INTERVAL :days DAY) AS known,
  UTC_TIMESTAMP(6) AS now

-- How many stored replies other keys than this one have sealed.
SELECT CAST(COUNT(*) AS SIGNED) AS replies
FROM idempotency_keys
WHERE kind = 2 AND reply_sealed IS NOT NULL
  AND CONV(HEX(SUBSTR(reply_sealed, 2, 4)), 16, 10) <> :key

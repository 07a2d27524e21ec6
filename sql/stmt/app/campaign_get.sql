-- How one campaign stands, by state and reason.
SELECT i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0) AS wait_code,
  IF(i.state = $PIN_FAILED, i.error_code, NULL) AS error_code, {campaign_sums}
FROM (
{campaign_items}
) i
LEFT JOIN waiting w ON w.pin_id = i.pin_id AND i.state = $PIN_WAITING
GROUP BY i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0),
  IF(i.state = $PIN_FAILED, i.error_code, NULL)

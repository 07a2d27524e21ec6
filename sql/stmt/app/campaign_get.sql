-- How one campaign stands, by state and reason. As in campaign_list.
SELECT i.state, i.wait_code, i.error_code, {campaign_totals}
FROM (
  (SELECT i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0) AS wait_code,
    IF(i.state = $PIN_FAILED, i.error_code, NULL) AS error_code, {campaign_sums}
  FROM (
{campaign_planned}
  ) i
  LEFT JOIN waiting w ON w.pin_id = i.pin_id AND i.state = $PIN_WAITING
  GROUP BY i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0),
    IF(i.state = $PIN_FAILED, i.error_code, NULL))
  UNION ALL
  (SELECT i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0) AS wait_code,
    IF(i.state = $PIN_FAILED, i.error_code, NULL) AS error_code, {campaign_sums}
  FROM (
{campaign_direct}
  ) i
  LEFT JOIN waiting w ON w.pin_id = i.pin_id AND i.state = $PIN_WAITING
  GROUP BY i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0),
    IF(i.state = $PIN_FAILED, i.error_code, NULL))
) i
GROUP BY i.state, i.wait_code, i.error_code

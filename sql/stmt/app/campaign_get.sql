-- How one campaign stands, by state and reason. As in campaign_list.
SELECT i.state, i.wait_code, i.error_code, {campaign_totals}
FROM (
  (SELECT {campaign_reasons}
  FROM (
{campaign_planned}
  ) i
  LEFT JOIN waiting w ON w.pin_id = i.pin_id AND i.state = $PIN_WAITING
  GROUP BY 1, 2, 3)
  UNION ALL
  (SELECT {campaign_reasons}
  FROM (
{campaign_direct}
  ) i
  LEFT JOIN waiting w ON w.pin_id = i.pin_id AND i.state = $PIN_WAITING
  GROUP BY 1, 2, 3)
) i
GROUP BY i.state, i.wait_code, i.error_code

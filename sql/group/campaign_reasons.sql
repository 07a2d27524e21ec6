-- The sums of a campaign's part `i` by state and reason, as columns 1 to 3.
i.state, IF(i.state = $PIN_WAITING, COALESCE(w.wait_code, 0), 0) AS wait_code,
IF(i.state = $PIN_FAILED, i.error_code, NULL) AS error_code, {campaign_sums}

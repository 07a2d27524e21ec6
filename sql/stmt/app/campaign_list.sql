-- How the campaigns from :first to :last stand, by state. Each part is summed up where it is read: put
-- into one table first, a million rows took four times as long.
SELECT i.campaign, i.state, {campaign_totals}
FROM (
  (SELECT i.campaign, i.state, {campaign_sums}
  FROM (
{campaign_planned}
  ) i
  GROUP BY i.campaign, i.state)
  UNION ALL
  (SELECT i.campaign, i.state, {campaign_sums}
  FROM (
{campaign_direct}
  ) i
  GROUP BY i.campaign, i.state)
) i
GROUP BY i.campaign, i.state ORDER BY i.campaign, i.state

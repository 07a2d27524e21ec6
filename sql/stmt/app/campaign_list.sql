-- How the campaigns from :first to :last stand, by state. Each part is summed up where it is read, so that
-- no table of all of them is made.
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

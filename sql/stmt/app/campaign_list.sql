-- How the campaigns from :first to :last stand, by state.
SELECT i.campaign, i.state, {campaign_sums}
FROM (
{campaign_items}
) i
GROUP BY i.campaign, i.state ORDER BY i.campaign, i.state

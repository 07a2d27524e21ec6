-- After a stop: gives every lane of the environment that has work a turn; in the sandbox those of the
-- project, else :project is nil.
UPDATE lanes SET next_turn_at = UTC_TIMESTAMP(6)
WHERE environment = :environment AND next_turn_at > UTC_TIMESTAMP(6)
  AND (:project = x'00000000000000000000000000000000'
    OR id IN (SELECT a.lane_id FROM pinterest_accounts a WHERE a.project_id = :project))

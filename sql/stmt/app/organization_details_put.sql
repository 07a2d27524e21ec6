-- What is told about an organization.
INSERT INTO organization_details (organization_id, {organization_details}, updated_at)
VALUES (:organization, {:organization_details}, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE {organization_details = :organization_details},
  updated_at = UTC_TIMESTAMP(6)

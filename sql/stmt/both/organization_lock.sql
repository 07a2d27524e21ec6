-- Holds an organization's row, so that its members and invitations stay as they are until the commit.
-- users: app ctl
SELECT id FROM organizations WHERE id = :organization FOR UPDATE

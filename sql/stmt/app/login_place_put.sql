-- A good login of an address from a network.
INSERT INTO login_places (address, slot, network, good_at)
VALUES (:address, :slot, :network, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE network = :network, good_at = UTC_TIMESTAMP(6)

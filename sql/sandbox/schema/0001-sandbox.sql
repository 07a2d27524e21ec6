-- The simulator's database (docs/sandbox.md): what Pinterest would store, and what tests count. Ids
-- are 18-digit numbers that grow with time (app/sandbox/sim_ids.h).

-- A database created by a hosting provider may have another default; the tables below follow it.
ALTER DATABASE CHARACTER SET utf8mb4;

CREATE TABLE schema_versions (
  version INT NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  applied_at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE sandbox_settings (
  id TINYINT NOT NULL PRIMARY KEY, -- always 1
  doc TEXT NOT NULL                -- JSON: only what differs from the defaults (app/sandbox/sim_settings.c)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT INTO sandbox_settings (id, doc) VALUES (1, '{}');

CREATE TABLE sandbox_users (
  id BIGINT NOT NULL PRIMARY KEY,
  name_key VARCHAR(255) NULL, -- the text of `sandbox_user`, when one was given
  username VARCHAR(64) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NOT NULL, -- when it last connected or renewed a token
  UNIQUE KEY name_key (name_key),
  KEY used (used_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE sandbox_codes (
  hash BINARY(32) NOT NULL PRIMARY KEY, -- SHA-256 of the authorization code
  user_id BIGINT NOT NULL,
  scope VARCHAR(1000) NOT NULL,
  redirect_uri VARCHAR(2048) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,
  KEY user (user_id, expires_at),
  KEY expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE sandbox_tokens (
  hash BINARY(32) NOT NULL PRIMARY KEY, -- SHA-256 of the token
  kind TINYINT UNSIGNED NOT NULL,       -- 0 access, 1 refresh
  user_id BIGINT NOT NULL,
  scope VARCHAR(1000) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL, -- revoked from then on; may be in the future (lenient rotation)
  KEY user (user_id, kind, created_at),
  KEY expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE sandbox_boards (
  id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL,
  name VARCHAR(180) NOT NULL,
  description TEXT NULL,
  privacy VARCHAR(16) NOT NULL,
  scenario TINYINT UNSIGNED NOT NULL, -- app/sandbox/sim_scenario.h
  triggered_at DATETIME(6) NULL,         -- when a one-time scenario happened
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY name (user_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE sandbox_pins (
  id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL,
  board_id BIGINT NOT NULL,
  title VARCHAR(100) NULL,
  description TEXT NULL,
  link VARCHAR(2048) NULL,
  alt_text VARCHAR(500) NULL,
  dominant_color VARCHAR(64) NULL,
  parent_pin_id BIGINT NULL,
  media TEXT NOT NULL, -- JSON, as shown
  is_standard TINYINT NOT NULL,
  shuffle BIGINT NOT NULL,          -- random: position in a shuffled listing
  created_at DATETIME(6) NOT NULL,  -- as shown, clock skew included
  inserted_at DATETIME(6) NOT NULL, -- without clock skew
  changed_at DATETIME(6) NOT NULL,
  deleted_at DATETIME(6) NULL,
  KEY board (board_id, id),
  KEY board_shuffle (board_id, shuffle),
  KEY user (user_id, id),
  KEY inserted (inserted_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The ledger: every POST /pins received, with its result. The row and the pin are written in one
-- transaction, so the rows with a pin_id per body_hash are the pins created from that body.
CREATE TABLE sandbox_creates (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  arrived_at DATETIME(6) NOT NULL,
  answered_at DATETIME(6) NOT NULL,
  user_id BIGINT NULL,
  board_id BIGINT NULL,
  body_hash BINARY(32) NOT NULL, -- SHA-256 of the raw body
  body BLOB NOT NULL,            -- its first 16 KiB
  link_host VARCHAR(255) NULL,
  status SMALLINT NOT NULL,      -- 0: no complete reply was sent
  pin_id BIGINT NULL,            -- NULL: no pin was created
  fault VARCHAR(32) NULL,
  KEY body (body_hash),
  KEY user (user_id, arrived_at),
  KEY arrived (arrived_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE sandbox_armed_faults (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  method VARCHAR(8) NULL,
  path_prefix VARCHAR(255) NOT NULL,
  board_id BIGINT NULL,
  user_id BIGINT NULL,
  remaining INT NOT NULL,
  permille SMALLINT NOT NULL, -- chance per matching request
  seed BIGINT NOT NULL,
  seen BIGINT NOT NULL,       -- matching requests so far
  fault TEXT NOT NULL         -- JSON
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Rate windows: in memory, since they may be lost when the database server stops.
CREATE TABLE sandbox_windows (
  window_key VARCHAR(64) NOT NULL PRIMARY KEY,
  hits INT NOT NULL,
  ends_us BIGINT NOT NULL
) ENGINE=MEMORY DEFAULT CHARSET=ascii COLLATE=ascii_bin;

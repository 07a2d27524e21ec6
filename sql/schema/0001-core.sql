-- Pintempo's schema (docs/design.md). Times: UTC DATETIME(6), by the database's clock. Keys: UUIDv7
-- in BINARY(16). States: lib/pin.h. The column that says when a row may next be worked on (due_at,
-- next_turn_at, ...) is NULL if never, so that ended rows are not scanned.

-- A database created by a hosting provider may have another default; the tables below follow it.
ALTER DATABASE CHARACTER SET utf8mb4;

CREATE TABLE schema_versions (
  version INT NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  applied_at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

-- Views (sql/view) are created again when their text changes.
CREATE TABLE schema_views (
  name VARCHAR(64) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  text_hash CHAR(64) CHARACTER SET ascii NOT NULL, -- SHA-256, in hexadecimal
  applied_at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

-- The instance keys that may have sealed something here, so that another key file is noticed.
CREATE TABLE instance_keys (
  key_id INT UNSIGNED NOT NULL PRIMARY KEY, -- the number in the key file
  fingerprint BINARY(32) NOT NULL,          -- keyring_fingerprint()
  created_at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE organizations (
  id BINARY(16) NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  invited_on DATE NULL,              -- the last day (UTC) on which its members invited somebody,
  invited INT UNSIGNED NOT NULL DEFAULT 0, -- and how often on that day
  created_at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE users (
  id BINARY(16) NOT NULL PRIMARY KEY,
  email VARCHAR(320) COLLATE utf8mb4_nopad_bin NOT NULL, -- lower case
  full_name VARCHAR(255) NULL,
  timezone VARCHAR(64) NOT NULL DEFAULT 'UTC',
  password_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  email_verified TINYINT NOT NULL DEFAULT 0,
  disabled_at DATETIME(6) NULL, -- by the operator: no login, and no session counts
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY email (email)
) ENGINE=InnoDB;

-- Every change of an organization's members and invitations holds the organization's row.
CREATE TABLE memberships (
  organization_id BINARY(16) NOT NULL,
  user_id BINARY(16) NOT NULL,
  id BINARY(16) NOT NULL,                        -- by which members are changed
  role VARCHAR(32) CHARACTER SET ascii NOT NULL, -- lib/role.def
  invited_by BINARY(16) NULL,                    -- a user
  accepted_at DATETIME(6) NULL,                  -- NULL: the first member
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (organization_id, user_id),
  UNIQUE KEY id (id),
  KEY user (user_id)
) ENGINE=InnoDB;

-- A reset gives the project another id (uuid_project_next()); a row with the earlier one, without an
-- organization, holds what was in it until the worker has deleted that.
CREATE TABLE projects (
  id BINARY(16) NOT NULL PRIMARY KEY, -- uuid_project()
  organization_id BINARY(16) NOT NULL,
  name VARCHAR(255) NOT NULL,
  environment TINYINT UNSIGNED NOT NULL, -- 0 production, 1 sandbox (lib/conf.h)
  sandbox_of BINARY(16) NULL,            -- the organization, for its only sandbox
  timezone VARCHAR(64) NOT NULL DEFAULT 'UTC',
  paused_at DATETIME(6) NULL,
  limits VARCHAR(600) CHARACTER SET ascii NULL, -- its own, "accounts=5 api_keys=3" (lib/limit.h)
  reset_at DATETIME(6) NULL,             -- when its contents were given up
  sweep_at DATETIME(6) NULL,             -- and when they are deleted next
  mcp_week_at DATETIME(6) NULL,          -- the week (from Monday) that mcp_used counts
  mcp_used INT UNSIGNED NOT NULL DEFAULT 0, -- requests of MCP servers in it
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY sandbox (sandbox_of),
  KEY sweep (sweep_at),
  KEY organization (organization_id)
) ENGINE=InnoDB;

CREATE TABLE sessions (
  token_hash BINARY(32) NOT NULL PRIMARY KEY, -- SHA-256 of the token
  id BINARY(16) NOT NULL,                     -- by which the user ends it
  user_id BINARY(16) NOT NULL,
  project_id BINARY(16) NOT NULL,             -- the project that the session works in
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  last_used_at DATETIME(6) NULL, -- written at most once a minute
  network VARCHAR(64) CHARACTER SET ascii NOT NULL, -- from which it was opened: client_prefix()
  user_agent VARCHAR(255) NULL,
  UNIQUE KEY id (id),
  KEY user (user_id, created_at),
  KEY project (project_id),
  KEY expires (expires_at)
) ENGINE=InnoDB;

-- Failed logins and registrations (app/api/login_guard.c). `name` is a keyed hash, and `slot` its
-- first 16 bits, so that there are at most 65,536 rows of a kind; names with one slot share it.
CREATE TABLE login_counts (
  kind TINYINT UNSIGNED NOT NULL,
  slot SMALLINT UNSIGNED NOT NULL,
  name BINARY(16) NOT NULL,
  value BIGINT NOT NULL, -- microtokens of a bucket, or failures
  at DATETIME(6) NOT NULL,
  PRIMARY KEY (kind, slot),
  KEY at (at)
) ENGINE=InnoDB;

-- Networks from which somebody logged in well; 16 for each address (keyed hashes, too).
CREATE TABLE login_places (
  address BINARY(16) NOT NULL,
  slot TINYINT UNSIGNED NOT NULL,
  network BINARY(16) NOT NULL,
  good_at DATETIME(6) NOT NULL,
  PRIMARY KEY (address, slot),
  KEY good_at (good_at)
) ENGINE=InnoDB;

-- An invitation into an organization, or (organization_id NULL) the operator's, with which somebody
-- registers with an organization of their own.
CREATE TABLE invitations (
  id BINARY(16) NOT NULL PRIMARY KEY,
  token_hash BINARY(32) NOT NULL,
  organization_id BINARY(16) NULL,
  email VARCHAR(320) COLLATE utf8mb4_nopad_bin NULL, -- NULL (the operator's): good for anyone who has it
  role VARCHAR(32) CHARACTER SET ascii NULL,         -- NULL: the operator's
  invited_by BINARY(16) NULL,                        -- a user; NULL: the operator
  mailed TINYINT NOT NULL DEFAULT 0, -- nobody but the reader of the address was given the token
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,
  revoked_at DATETIME(6) NULL,
  UNIQUE KEY token_hash (token_hash),
  KEY organization (organization_id, created_at)
) ENGINE=InnoDB;

-- What was mailed to a person, or shown by the operator, to prove who asks (app/api/user_token.c).
CREATE TABLE user_tokens (
  token_hash BINARY(32) NOT NULL PRIMARY KEY, -- SHA-256
  user_id BINARY(16) NOT NULL,                -- nil: nobody has the address, which nobody is told
  purpose TINYINT UNSIGNED NOT NULL,          -- enum token_purpose (lib/token_purpose.h)
  email VARCHAR(320) COLLATE utf8mb4_nopad_bin NOT NULL, -- what it is about
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,                   -- or replaced
  KEY user (user_id, purpose, created_at),
  KEY expires (expires_at)
) ENGINE=InnoDB;

-- What a member has told about the organization: GET /v1/auth/profile.
CREATE TABLE organization_details (
  organization_id BINARY(16) NOT NULL PRIMARY KEY,
  company_name VARCHAR(255) NULL,
  company_website VARCHAR(2048) NULL,
  billing_email VARCHAR(320) NULL,
  billing_phone VARCHAR(50) NULL,
  tax_id VARCHAR(100) NULL,
  address_line1 VARCHAR(255) NULL,
  address_line2 VARCHAR(255) NULL,
  address_city VARCHAR(120) NULL,
  address_state VARCHAR(120) NULL,
  address_postal_code VARCHAR(40) NULL,
  address_country VARCHAR(10) NULL,
  updated_at DATETIME(6) NOT NULL
) ENGINE=InnoDB;

-- Which mails a person wants in a project; no row: all.
CREATE TABLE email_preferences (
  user_id BINARY(16) NOT NULL,
  project_id BINARY(16) NOT NULL, -- uuid_project_shown(), so that a reset changes nothing
  transactional TINYINT NOT NULL,
  alerts TINYINT NOT NULL,
  verification TINYINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (user_id, project_id)
) ENGINE=InnoDB;

-- The outbox of mails (lib/mail.h), written in the transaction of the act, sent by the worker.
CREATE TABLE mails (
  id BINARY(16) NOT NULL PRIMARY KEY,
  kind TINYINT UNSIGNED NOT NULL,  -- enum mail_kind
  state TINYINT UNSIGNED NOT NULL, -- enum mail_state
  user_id BINARY(16) NULL,
  project_id BINARY(16) NULL,
  recipient VARCHAR(320) COLLATE utf8mb4_nopad_bin NOT NULL,
  text_sealed BLOB NULL, -- with its link; NULL once it is sent or given up
  attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  due_at DATETIME(6) NULL,
  last_error VARCHAR(255) NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  KEY due (due_at),
  KEY ended (ended_at),
  KEY expires (expires_at)
) ENGINE=InnoDB;

CREATE TABLE api_keys (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  key_hash BINARY(32) NOT NULL, -- SHA-256 of the key
  name VARCHAR(255) NOT NULL,
  scopes TINYINT UNSIGNED NOT NULL, -- 1 read, 2 write, 4 destructive
  account_ids TEXT CHARACTER SET ascii COLLATE ascii_bin NULL, -- 32 hex digits each, comma-separated; NULL: all
  created_by BINARY(16) NULL,
  last_used_at DATETIME(6) NULL, -- written at most once a minute
  created_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL,
  UNIQUE KEY key_hash (key_hash),
  KEY project (project_id, created_at)
) ENGINE=InnoDB;

-- The operator's Pinterest app: one row for production, and one for each sandbox project that it was
-- ever stopped for, as if each had an app of its own. While it is stopped all its lanes wait.
-- project_id is nil for production, and for the sandbox until its first project needs a row.
CREATE TABLE apps (
  environment TINYINT UNSIGNED NOT NULL,
  project_id BINARY(16) NOT NULL DEFAULT x'00000000000000000000000000000000',
  stopped_at DATETIME(6) NULL,
  stop_code TINYINT UNSIGNED NOT NULL DEFAULT 0, -- enum wait_code; 0: not stopped
  message VARCHAR(500) NULL,
  answers INT UNSIGNED NOT NULL DEFAULT 0, -- creates answered so since it was stopped
  probe_at DATETIME(6) NULL, -- while stopped: when one create may test the app
  probes_failed INT UNSIGNED NOT NULL DEFAULT 0, -- in a row; each makes the next probe later
  resumed_at DATETIME(6) NULL, -- when a create last showed that it works again
  hold_until DATETIME(6) NULL, -- a limit of the whole app (window of a day); NULL: none
  foreign_at DATETIME(6) NULL, -- last answer by something other than Pinterest to another call
  foreign_message VARCHAR(500) NULL,
  PRIMARY KEY (environment, project_id)
) ENGINE=InnoDB;

-- A lane is one Pinterest user in one environment: pace, order, one create in flight. Written by
-- the worker that owns its shard; others only write next_turn_at.
CREATE TABLE lanes (
  id BINARY(16) NOT NULL PRIMARY KEY,
  environment TINYINT UNSIGNED NOT NULL,
  pinterest_user_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shard TINYINT UNSIGNED NOT NULL,
  next_turn_at DATETIME(6) NULL,        -- the lane gets a turn at this time; NULL: nothing waits
  microtokens BIGINT NOT NULL DEFAULT 0,
  tokens_at DATETIME(6) NULL,      -- NULL: a full bucket
  next_at DATETIME(6) NULL,        -- pace and daily cap: no grant before this time
  next_code TINYINT UNSIGNED NOT NULL DEFAULT 0, -- WAIT_PACE or WAIT_DAILY_CAP
  hold_until DATETIME(6) NULL,     -- cool-down or block
  hold_code TINYINT UNSIGNED NOT NULL DEFAULT 0, -- enum wait_code
  busy_until DATETIME(6) NULL,     -- a create may be in flight until then
  in_flight_pin BINARY(16) NULL,        -- the pin of that create
  spam_strikes TINYINT UNSIGNED NOT NULL DEFAULT 0,
  spam_at DATETIME(6) NULL,
  blocked_hosts TEXT NULL,         -- JSON {host: until}
  lost_since DATETIME(6) NULL,     -- restored: between these times it may have sent creates that
  lost_until DATETIME(6) NULL,     -- this database does not know; they count against the daily cap:
  lost_creates INT UNSIGNED NULL,  -- this many, or (NULL) as many as the pace allows
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY pinterest_user (environment, pinterest_user_id),
  KEY work (next_turn_at, shard)
) ENGINE=InnoDB;

CREATE TABLE pinterest_accounts (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  lane_id BINARY(16) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL, -- the lane's
  pinterest_user_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  username VARCHAR(255) NULL,
  display_name VARCHAR(255) NULL,
  scopes VARCHAR(1000) CHARACTER SET ascii NOT NULL,
  missing_scopes VARCHAR(1000) CHARACTER SET ascii NOT NULL DEFAULT '',
  access_sealed VARBINARY(4096) NULL,  -- keyring label "pinterest_accounts.access"
  refresh_sealed VARBINARY(4096) NULL, -- keyring label "pinterest_accounts.refresh"
  token_version INT UNSIGNED NOT NULL DEFAULT 0, -- changes with the tokens, to detect concurrent refreshes
  access_expires_at DATETIME(6) NULL,
  refresh_expires_at DATETIME(6) NULL,
  refresh_at DATETIME(6) NULL,         -- next refresh; NULL: never
  refresh_started_at DATETIME(6) NULL, -- a refresh may be in flight until 30 s after this
  health TINYINT UNSIGNED NOT NULL DEFAULT 0, -- 0 healthy, 1 reconnect required
  health_code VARCHAR(64) CHARACTER SET ascii NULL,
  health_message VARCHAR(500) NULL,
  health_checked_at DATETIME(6) NULL,
  collected_at DATETIME(6) NULL,       -- when its figures were last asked to be read anew
  boards_at DATETIME(6) NULL,          -- when the cached list of boards was last complete
  pace_burst INT UNSIGNED NULL,     -- the account's pace; NULL: the environment's
  pace_interval_ms INT UNSIGNED NULL,
  daily_cap INT UNSIGNED NULL,
  paused_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  revoked_at DATETIME(6) NULL,
  UNIQUE KEY project_user (project_id, pinterest_user_id),
  KEY project (project_id, created_at),
  KEY lane (lane_id),
  KEY refresh (refresh_at, shard)
) ENGINE=InnoDB;

-- Links that connect one Pinterest account, for its owner, who has no login here.
CREATE TABLE connect_links (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  token_hash BINARY(32) NOT NULL, -- SHA-256 of its text
  account_id BINARY(16) NULL,     -- the account that is to be connected again; NULL: any
  name VARCHAR(255) NULL,
  return_to VARCHAR(2048) NULL,
  user_id BINARY(16) NULL,        -- who made it: a person
  key_id BINARY(16) NULL,         -- or an API key
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,       -- NULL again if nothing was connected
  revoked_at DATETIME(6) NULL,
  connected_account_id BINARY(16) NULL,
  UNIQUE KEY token_hash (token_hash),
  KEY project (project_id, created_at),
  KEY expires (expires_at)
) ENGINE=InnoDB;

CREATE TABLE boards (
  account_id BINARY(16) NOT NULL,
  board_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(255) NOT NULL,
  description TEXT NULL,
  privacy VARCHAR(16) CHARACTER SET ascii NULL,
  seen_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, board_id)
) ENGINE=InnoDB;

-- Figures of Pinterest, for minutes ([analytics] cache_s): its guidelines want them fetched anew.
CREATE TABLE analytics_cache (
  account_id BINARY(16) NOT NULL,
  question BINARY(32) NOT NULL, -- SHA-256 of the account and the path that was asked
  project_id BINARY(16) NOT NULL,
  answer MEDIUMTEXT NOT NULL,   -- JSON (lib/pinterest_reports.h)
  fetched_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, question),
  KEY newest (account_id, fetched_at),
  KEY fetched (fetched_at)
) ENGINE=InnoDB;

CREATE TABLE assets (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  media_type TINYINT UNSIGNED NOT NULL, -- 0 image, 1 video
  original_filename VARCHAR(255) NOT NULL,
  content_type VARCHAR(100) CHARACTER SET ascii NOT NULL,
  size_bytes BIGINT UNSIGNED NOT NULL,
  sha256 BINARY(32) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  deleted_at DATETIME(6) NULL,
  KEY project (project_id, created_at)
) ENGINE=InnoDB;

CREATE TABLE schedules (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  account_id BINARY(16) NOT NULL,
  lane_id BINARY(16) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL DEFAULT 1,
  run_at DATETIME(6) NOT NULL,
  not_after DATETIME(6) NOT NULL,
  due_at DATETIME(6) NULL, -- = run_at while planned, else NULL
  board_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(100) NOT NULL,
  description VARCHAR(800) NULL,
  link_url VARCHAR(2048) NULL,
  alt_text VARCHAR(500) NULL,
  related_terms TEXT NULL,
  dominant_color CHAR(7) CHARACTER SET ascii NULL,
  image_url VARCHAR(2048) NULL,
  asset_id BINARY(16) NULL,
  cover_image_url VARCHAR(2048) NULL,
  cover_asset_id BINARY(16) NULL,
  idempotency_key VARCHAR(255) COLLATE utf8mb4_nopad_bin NULL,
  external_id VARCHAR(255) COLLATE utf8mb4_nopad_bin NULL,
  campaign VARCHAR(255) COLLATE utf8mb4_nopad_bin NULL,
  pin_id BINARY(16) NULL,
  last_error VARCHAR(500) NULL,
  maybe_sent_since DATETIME(6) NULL, -- restored: its pin may be on Pinterest, created since this time
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  deleted_at DATETIME(6) NULL,
  KEY due (due_at, shard, lane_id),
  KEY by_run (project_id, deleted_at, run_at),
  KEY by_created (project_id, deleted_at, created_at),
  KEY by_title (project_id, deleted_at, title),
  KEY by_state (project_id, deleted_at, state, run_at),
  KEY by_campaign (project_id, campaign, deleted_at, run_at),
  KEY by_external (project_id, external_id, deleted_at, run_at),
  KEY by_board (project_id, board_id, deleted_at, run_at),
  KEY by_account (account_id, state, run_at, project_id, deleted_at),
  KEY of_account (project_id, account_id, deleted_at, run_at),
  KEY twin (account_id, title(32))
) ENGINE=InnoDB;

-- The columns of what it says are those of schedules, written out twice: the text of a migration
-- never changes, so it does not use the group pin_content.
CREATE TABLE pins (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  account_id BINARY(16) NOT NULL,
  lane_id BINARY(16) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL,
  schedule_id BINARY(16) NULL,
  state TINYINT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL DEFAULT 1,
  run_at DATETIME(6) NOT NULL,    -- not sent before this; created_at for an immediate pin
  not_after DATETIME(6) NOT NULL,
  due_at DATETIME(6) NULL,        -- waiting: may be sent from this time; verifying: next look-up
  deadline_at DATETIME(6) NULL,   -- = not_after while waiting, else NULL
  board_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(100) NOT NULL,
  description VARCHAR(800) NULL,
  link_url VARCHAR(2048) NULL,
  alt_text VARCHAR(500) NULL,
  related_terms TEXT NULL,
  dominant_color CHAR(7) CHARACTER SET ascii NULL,
  image_url VARCHAR(2048) NULL,
  asset_id BINARY(16) NULL,
  cover_image_url VARCHAR(2048) NULL,
  cover_asset_id BINARY(16) NULL,
  text_hash BINARY(32) NOT NULL,  -- pin_text_hash(): finds twins
  idempotency_key VARCHAR(255) COLLATE utf8mb4_nopad_bin NOT NULL,
  external_id VARCHAR(255) COLLATE utf8mb4_nopad_bin NULL,
  campaign VARCHAR(255) COLLATE utf8mb4_nopad_bin NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0, -- number of the last attempt
  retries_spent INT UNSIGNED NOT NULL DEFAULT 0,    -- compared with retry_max; reset by a retry
  unsent_in_a_row INT UNSIGNED NOT NULL DEFAULT 0, -- attempts in a row that were not sent because of an error here
  verify_first TINYINT UNSIGNED NOT NULL DEFAULT 0, -- retry of an unknown outcome: look it up before sending
  maybe_sent_since DATETIME(6) NULL,    -- restored: look it up from this time on before it may be sent
  absent_at DATETIME(6) NULL,     -- verifying: time of the first complete listing without it
  error_code VARCHAR(64) CHARACTER SET ascii NULL,
  error_message VARCHAR(500) NULL,
  candidates TEXT NULL,           -- outcome_unknown: JSON array of Pinterest ids that may be this pin
  pinterest_pin_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  confirmed_by VARCHAR(16) CHARACTER SET ascii NULL, -- answer | lookup | user
  published_at DATETIME(6) NULL,
  failed_at DATETIME(6) NULL,
  removed_at DATETIME(6) NULL,    -- found deleted on Pinterest
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  deleted_at DATETIME(6) NULL,
  UNIQUE KEY lane_pin (lane_id, pinterest_pin_id),
  KEY head (account_id, state, due_at),
  KEY twin (account_id, text_hash),
  KEY verify (lane_id, state, due_at),
  KEY deadline (deadline_at, shard),
  KEY by_created (project_id, deleted_at, created_at),
  KEY by_published (project_id, deleted_at, published_at),
  KEY by_title (project_id, deleted_at, title),
  KEY by_state (project_id, deleted_at, state, created_at),
  KEY by_campaign (project_id, campaign, deleted_at, created_at),
  KEY by_external (project_id, external_id, deleted_at, created_at),
  KEY by_board (project_id, board_id, deleted_at, created_at),
  KEY by_error (project_id, error_code, deleted_at, created_at),
  KEY by_removed (project_id, removed_at),
  KEY of_account (project_id, account_id, deleted_at, created_at),
  KEY of_account_published (project_id, account_id, deleted_at, published_at),
  KEY by_failed (project_id, deleted_at, failed_at, account_id)
) ENGINE=InnoDB;

CREATE TABLE attempts (
  pin_id BINARY(16) NOT NULL,
  number INT UNSIGNED NOT NULL,
  project_id BINARY(16) NOT NULL,
  lane_id BINARY(16) NOT NULL,
  worker_id BINARY(16) NOT NULL,
  account_id BINARY(16) NOT NULL,
  opened_at DATETIME(6) NOT NULL, -- when the intent was written
  gate_at DATETIME(6) NULL,       -- when it was sent: the last moment before the first byte
  closed_at DATETIME(6) NULL,
  snapshot TEXT NOT NULL,         -- the request body (pinterest_create_body())
  outcome TINYINT UNSIGNED NULL,  -- enum attempt_outcome; NULL: open
  http_status SMALLINT UNSIGNED NULL,
  pinterest_code INT NULL,
  message VARCHAR(500) NULL,
  rule VARCHAR(32) CHARACTER SET ascii NULL, -- which rule of worker/publish/verdict.c decided
  next_at DATETIME(6) NULL,       -- when the pin was to be tried or looked up again
  request_id VARCHAR(100) CHARACTER SET ascii NULL, -- x-pinterest-rid
  date_skew_ms BIGINT NULL,       -- Pinterest's Date minus this machine's clock
  pinterest_pin_id VARCHAR(64) CHARACTER SET ascii NULL,
  stopped_app TINYINT UNSIGNED NOT NULL DEFAULT 0, -- because something other than Pinterest answered
  PRIMARY KEY (pin_id, number),
  KEY lane_opened (lane_id, opened_at)
) ENGINE=InnoDB;

CREATE TABLE imports (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL,
  source_type TINYINT UNSIGNED NOT NULL, -- 0 json, 1 csv
  source_filename VARCHAR(255) NULL,
  status TINYINT UNSIGNED NOT NULL, -- 0 queued, 1 processing, 2 completed, 3 with errors, 4 failed
  due_at DATETIME(6) NULL,          -- NULL once it has ended
  account_ids TEXT CHARACTER SET ascii COLLATE ascii_bin NULL, -- allow-list of the API key that created it
  actor_label VARCHAR(320) NULL,
  total_rows INT UNSIGNED NOT NULL,
  processed_rows INT UNSIGNED NOT NULL DEFAULT 0,
  created_rows INT UNSIGNED NOT NULL DEFAULT 0,
  existing_rows INT UNSIGNED NOT NULL DEFAULT 0,
  failed_rows INT UNSIGNED NOT NULL DEFAULT 0,
  error_message VARCHAR(500) NULL,
  warnings MEDIUMTEXT NULL,               -- JSON array of {code, message, ...}
  maybe_sent_since DATETIME(6) NULL,      -- restored: its rows may have been published since this time
  started_at DATETIME(6) NULL,
  completed_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  KEY due (due_at, shard),
  KEY waiting (project_id, due_at),
  KEY by_created (project_id, created_at),
  KEY by_status (project_id, status, created_at),
  KEY by_source (project_id, source_type, created_at)
) ENGINE=InnoDB;

CREATE TABLE import_rows (
  import_id BINARY(16) NOT NULL,
  number INT UNSIGNED NOT NULL,          -- 1-based
  line INT UNSIGNED NULL,           -- of the file, where the row begins
  payload MEDIUMTEXT NOT NULL,      -- one JSON object
  refused_code VARCHAR(64) CHARACTER SET ascii NULL, -- found at the upload: the row fails with this
  refused_field VARCHAR(64) NULL,   -- '': the whole row
  refused_message VARCHAR(500) NULL,
  status TINYINT UNSIGNED NULL,     -- 0 created, 1 existing, 2 failed; NULL: not yet
  pin_id BINARY(16) NULL,
  schedule_id BINARY(16) NULL,
  idempotency_key VARCHAR(255) COLLATE utf8mb4_nopad_bin NULL,
  error_code VARCHAR(64) CHARACTER SET ascii NULL,
  error_message VARCHAR(500) NULL,
  errors MEDIUMTEXT NULL,           -- JSON array of {field, message}
  PRIMARY KEY (import_id, number)
) ENGINE=InnoDB;

-- kind 1: keys inside pins, schedules and import rows (one name space per project).
-- kind 2: Idempotency-Key headers, with the reply to replay. kind 3: used OAuth states.
CREATE TABLE idempotency_keys (
  project_id BINARY(16) NOT NULL,   -- nil for routes without a project
  kind TINYINT UNSIGNED NOT NULL,
  route VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  idem_key VARBINARY(1020) NOT NULL,
  body_hash BINARY(32) NOT NULL,
  pin_id BINARY(16) NULL,
  schedule_id BINARY(16) NULL,
  status SMALLINT UNSIGNED NULL,    -- of the reply; kinds 1 and 3 have none
  reply_sealed MEDIUMBLOB NULL,     -- keyring label "idempotency_keys.reply", row = project_id
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (project_id, kind, route, idem_key),
  KEY created (kind, created_at),
  KEY by_project (project_id, kind, created_at)
) ENGINE=InnoDB;

-- The outbox: an event is written in the same transaction as the transition it reports.
CREATE TABLE events (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  type TINYINT UNSIGNED NOT NULL,
  subject_type TINYINT UNSIGNED NOT NULL, -- enum event_subject
  subject_id BINARY(16) NOT NULL,
  subject_version INT UNSIGNED NOT NULL,
  account_id BINARY(16) NULL, -- the Pinterest account that it speaks of; NULL: of none alone
  body BLOB NOT NULL,
  created_at DATETIME(6) NOT NULL,
  UNIQUE KEY once (subject_id, subject_version, type, subject_type),
  KEY by_created (project_id, created_at)
) ENGINE=InnoDB;

CREATE TABLE webhooks (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL,
  url VARCHAR(2048) NOT NULL,
  secret_sealed VARBINARY(4096) NOT NULL, -- keyring label "webhooks.secret"; lib/webhook_secret.h
  old_secret_until DATETIME(6) NULL,      -- when the last earlier secret in it ends
  events INT UNSIGNED NOT NULL, -- EVENT_BIT()
  account_ids TEXT CHARACTER SET ascii COLLATE ascii_bin NULL, -- only events of these (like api_keys); NULL: all
  api_key_id BINARY(16) NULL, -- the key with an allow-list that made or last changed it: bounds it, too
  is_enabled TINYINT UNSIGNED NOT NULL DEFAULT 1,
  disabled_at DATETIME(6) NULL,
  disabled_reason VARCHAR(16) CHARACTER SET ascii NULL, -- by_user, gone (410), failing
  paused_until DATETIME(6) NULL, -- paused by Retry-After or by the open circuit breaker
  failing_since DATETIME(6) NULL,
  consecutive_failures INT UNSIGNED NOT NULL DEFAULT 0,
  exhausted INT UNSIGNED NOT NULL DEFAULT 0,
  last_attempt_at DATETIME(6) NULL,
  last_success_at DATETIME(6) NULL,
  last_status SMALLINT UNSIGNED NULL, -- of the last attempt; NULL: no answer
  last_error VARCHAR(500) NULL,       -- a sentence; NULL: it succeeded
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  deleted_at DATETIME(6) NULL,
  KEY project (project_id, created_at),
  KEY failing (failing_since)
) ENGINE=InnoDB;

-- state: 0 pending, 1 delivered, 2 given up, 3 skipped (endpoint disabled), 4 canceled
CREATE TABLE deliveries (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  event_id BINARY(16) NOT NULL,
  webhook_id BINARY(16) NOT NULL,
  shard TINYINT UNSIGNED NOT NULL, -- the webhook's
  state TINYINT UNSIGNED NOT NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  step INT UNSIGNED NOT NULL DEFAULT 0,
  due_at DATETIME(6) NULL, -- NULL: it has ended
  deadline_at DATETIME(6) NOT NULL,
  last_status SMALLINT UNSIGNED NULL,
  last_error VARCHAR(255) NULL,
  delivered_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  UNIQUE KEY once (event_id, webhook_id),
  KEY due (due_at, shard),
  KEY by_webhook (webhook_id, created_at),
  KEY by_project (project_id, created_at)
) ENGINE=InnoDB;

CREATE TABLE delivery_attempts (
  delivery_id BINARY(16) NOT NULL,
  number INT UNSIGNED NOT NULL,
  project_id BINARY(16) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  duration_ms INT UNSIGNED NOT NULL,
  remote_ip VARCHAR(64) CHARACTER SET ascii NULL,
  http_status SMALLINT UNSIGNED NULL,
  class VARCHAR(24) CHARACTER SET ascii NOT NULL, -- ok, http_4xx, http_5xx, redirect, dns, ...
  excerpt VARBINARY(4096) NULL,
  PRIMARY KEY (delivery_id, number)
) ENGINE=InnoDB;

-- Category, status, type of resource and usual message follow from the action: lib/activity.def.
CREATE TABLE activity_logs (
  id BINARY(16) NOT NULL PRIMARY KEY,
  project_id BINARY(16) NOT NULL,
  account_id BINARY(16) NULL, -- the Pinterest account that it is about; NULL: none
  actor_type VARCHAR(16) CHARACTER SET ascii NOT NULL, -- user | api_key | system | worker
  actor_user_id BINARY(16) NULL,
  actor_label VARCHAR(320) NULL,
  action VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- "schedule.created"
  resource_id BINARY(16) NULL,
  message VARCHAR(500) NULL, -- NULL: the usual one
  metadata TEXT NULL, -- JSON object
  request_id VARCHAR(64) CHARACTER SET ascii NULL,
  created_at DATETIME(6) NOT NULL,
  KEY by_created (project_id, created_at),
  KEY by_action (project_id, action, created_at),
  KEY by_resource (resource_id)
) ENGINE=InnoDB;

CREATE TABLE workers (
  id BINARY(16) NOT NULL PRIMARY KEY, -- one row per start of a program
  host_id BINARY(16) NOT NULL,
  pid INT UNSIGNED NOT NULL,
  resident TINYINT UNSIGNED NOT NULL, -- 0: --once
  version VARCHAR(32) CHARACTER SET ascii NOT NULL,
  started_at DATETIME(6) NOT NULL,
  seen_at DATETIME(6) NOT NULL,
  expected_at DATETIME(6) NULL,       -- --once: the expected next run
  stopped_at DATETIME(6) NULL,
  KEY seen (seen_at)
) ENGINE=InnoDB;

-- Leases and the fence: every worker transaction first adds one to seq where owner and epoch are
-- its own. If no row changes, the shard was lost. Each row holds 1/64 of the global bucket.
CREATE TABLE shards (
  shard TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  owner BINARY(16) NULL,
  host_id BINARY(16) NULL,
  epoch BIGINT UNSIGNED NOT NULL DEFAULT 0, -- +1 at each change of owner
  lease_until DATETIME(6) NULL,
  seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
  microtokens BIGINT NOT NULL DEFAULT 0,
  tokens_at DATETIME(6) NULL -- NULL: a full bucket
) ENGINE=InnoDB;

INSERT INTO shards (shard) SELECT seq FROM seq_0_to_63;
INSERT INTO apps (environment) VALUES (0), (1);

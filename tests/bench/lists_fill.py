"""Fills one project with many pins and schedules, for tests/bench/lists.py and tests/api/test_lists_bounded.py.

Of 100 pins, 20 wait, 10 have failed, 70 are published; of 100 schedules, 40 are planned, 10 wait, 40 are done,
5 have failed, 5 are canceled. Campaigns: `big` (90 of 100), `small` (a thousandth), `rare` (5 rows).
"""

import uuid

STEP = 100000
ID = "UNHEX(CONCAT(LPAD(HEX(1700000000000 + n), 12, '0'), '{0}', LPAD(HEX(n), 19, '0')))"
WHEN = "TIMESTAMP '2026-01-01 00:00:00' + INTERVAL n * 10 SECOND"
CAMPAIGN = "CASE WHEN n % 200000 = 7 THEN 'rare' WHEN n % 1000 = 3 THEN 'small' WHEN n % 100 < 90 THEN 'big' END"
WORDS = "CONCAT(ELT(n * 7 % 9 + 1, 'Autumn', 'Bread', 'Candle', 'Desk', 'Easy', 'Fern', 'Garden', 'Home', 'Ideas'), ' number ', n)"
TEXT = f"""ELT(n % 1000 DIV 400 + 1, {{board}}), {WORDS}, CONCAT(REPEAT('Words of the usual kind. ', 8), n),
  CONCAT('https://example.com/page/', n), 'https://example.com/image.jpg', CONCAT('ext-', n), {CAMPAIGN}"""
CONTENT = "board_id, title, description, link_url, image_url, external_id, campaign"
PINS = f"""INSERT INTO pins (id, project_id, account_id, lane_id, shard, state, run_at, not_after, due_at, deadline_at,
    {CONTENT}, text_hash, idempotency_key, error_code, failed_at, published_at, pinterest_pin_id, confirmed_by,
    removed_at, attempts, created_at, updated_at)
  SELECT {ID.format(1)}, {{project}}, IF(n % 50 = 9, {{second}}, {{account}}), {{lane}}, 1, {{state}}, {WHEN},
    TIMESTAMP '2030-01-01 00:00:00', IF({{state}} = 1, {WHEN}, NULL), IF({{state}} = 1, TIMESTAMP '2030-01-01 00:00:00', NULL), {TEXT},
    UNHEX(SHA2(n, 256)), CONCAT('key-', n), IF({{state}} = 5, ELT(n % 3 + 1, 'board_not_found', 'invalid_image',
    'pinterest_error'), NULL), IF({{state}} = 5, {WHEN}, NULL), IF({{state}} = 4, {WHEN}, NULL),
    IF({{state}} = 4, n, NULL), IF({{state}} = 4, 'answer', NULL), IF(n % 5000 = 42, {WHEN}, NULL), 1, {WHEN}, {WHEN}
  FROM (SELECT seq AS n FROM seq_{{0}}_to_{{1}}) numbers"""
SCHEDULES = f"""INSERT INTO schedules (id, project_id, account_id, lane_id, shard, state, run_at, not_after, due_at,
    {CONTENT}, pin_id, created_at, updated_at)
  SELECT {ID.format(2)}, {{project}}, IF(n % 50 = 9, {{second}}, {{account}}), {{lane}}, 1, {{state}}, {WHEN},
    TIMESTAMP '2030-01-01 00:00:00', NULL, {TEXT}, IF({{state}} IN (1, 4, 5), {ID.format(1)}, NULL), {WHEN}, {WHEN}
  FROM (SELECT seq AS n FROM seq_{{0}}_to_{{1}}) numbers"""
PIN_STATE = "CASE WHEN n % 100 < 20 THEN 1 WHEN n % 100 < 30 THEN 5 ELSE 4 END"
SCHEDULE_STATE = """CASE WHEN n % 100 < 10 THEN 1 WHEN n % 100 < 50 THEN 0 WHEN n % 100 < 90 THEN 4
  WHEN n % 100 < 95 THEN 5 ELSE 6 END"""


def account(s, project, name):
    """A connected account without a grant, as SQL: its id and its lane."""
    lane, mine = f"UNHEX(MD5('lane {name}'))", f"UNHEX(MD5('account {name}'))"
    s.sql(
        f"""INSERT INTO lanes (id, environment, pinterest_user_id, shard, created_at)
            VALUES ({lane}, 0, '{name}', 1, NOW(6));
            INSERT INTO pinterest_accounts (id, project_id, lane_id, shard, pinterest_user_id, username, scopes,
              health, access_expires_at, refresh_sealed, created_at, updated_at)
            VALUES ({mine}, {project}, {lane}, 1, '{name}', '{name}', '', 0, TIMESTAMP '2030-01-01 00:00:00', 'x', NOW(6), NOW(6))"""
    )
    return mine, lane


def fill(s, rows):
    """Registers, makes a key, and fills the project with `rows` pins and as many schedules."""
    s.register()
    project = "(SELECT id FROM projects LIMIT 1)"
    project = "UNHEX('" + s.sql(f"SELECT HEX({project})")[0][0] + "')"
    (first, lane), (second, _) = account(s, project, "first"), account(s, project, "second")
    s.make_key()
    words = {"project": project, "account": first, "second": second, "lane": lane, "board": "'1', '2', '3'"}
    for low in range(1, rows + 1, STEP):
        high = min(low + STEP - 1, rows)
        for text, state in ((PINS, PIN_STATE), (SCHEDULES, SCHEDULE_STATE)):
            s.sql(text.replace("{0}", str(low)).replace("{1}", str(high)).format(state=state, **words), timeout=900)
    s.sql("ANALYZE TABLE pins, schedules", timeout=900)
    hexes = s.sql(f"SELECT HEX({first}), HEX({second})")[0]
    return [str(uuid.UUID(h)) for h in hexes]


FILTERS = {
    "pins": ["", "board_id=1", "board_id=3", "campaign=big", "campaign=small", "campaign=rare", "campaign=none",
        "external_id=ext-77", "external_id=none", "error_code=invalid_image", "error_code=none", "error_code=paused",
        "error_code=pinterest_error", "removed=true", "removed=false",
        "status=published", "status=failed", "status=publishing", "status=queued", "status=deferred",
        "since=2026-01-01T05:00:00Z", "until=2026-01-01T05:00:00Z", "account_id={0}", "account_id={1}",
        "q=number", "q=zzzz", "status=published&sort=status_desc", "status=failed&sort=status_asc", "status=queued&sort=status_desc",
        "status=failed&sort=created_at_asc", "campaign=big&sort=created_at_asc", "board_id=1&sort=created_at_asc", "q=zzzz&sort=title_asc"],
    "schedules": ["", "board_id=1", "board_id=3", "campaign=big", "campaign=small", "campaign=rare", "campaign=none",
        "external_id=ext-77", "external_id=none", "status=scheduled", "status=running", "status=done", "status=failed", "status=canceled",
        "status=queued", "status=deferred", "since=2026-01-01T05:00:00Z", "until=2026-01-01T05:00:00Z",
        "account_id={0}", "account_id={1}", "q=number", "q=zzzz", "status=done&sort=status_desc", "status=canceled&sort=status_asc",
        "status=scheduled&sort=run_at_asc", "campaign=big&sort=run_at_asc", "board_id=1&sort=run_at_asc", "q=zzzz&sort=title_asc"],
}
SORTS = {
    "pins": "created_at_desc created_at_asc published_at_desc published_at_asc title_asc title_desc status_asc status_desc".split(),
    "schedules": "run_at_desc run_at_asc created_at_desc created_at_asc title_asc title_desc status_asc status_desc".split(),
}

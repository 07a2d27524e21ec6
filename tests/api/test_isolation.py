#!/usr/bin/env python3
"""The isolation matrix: what a credential must not reach, over every route of app/routes.def. Columns:
keys with and without an allow-list, sessions of every role, each in the sandbox and in production;
against another organization's rows in both environments, rows of another project of the same
organization, accounts outside the allow-list, and routes beyond scopes and role. A foreign id and a
random one must get the same status, headers and body. A route without a row here fails the test, so
none can be forgotten."""

import os
import re
import sys
import uuid
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import TOP, Stack, Tap  # noqa: E402

t = Tap()
LATER = (datetime.now(timezone.utc) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
SCOPES = ("read", "write", "destructive")

# Where a route takes ids: in its path (of the kind named here), its query or its body.
ID_IN_PATH = {
    "/v1/api-keys/{}": "key",
    "/v1/auth/sessions/{}": "session",
    "/v1/jobs/{}": "pin",
    "/v1/pins/imports/{}": "import",
    "/v1/pins/{}": "pin",
    "/v1/analytics/accounts/{}/collect": "account",
    "/v1/pins/{}/analytics": "pin",
    "/v1/pins/{}/attempts": "pin",
    "/v1/pins/{}/check": "pin",
    "/v1/pins/{}/retry": "pin",
    "/v1/pins/{}/settle": "pin",
    "/v1/pins/{}/timeline": "pin",
    "/v1/pins/{}/why": "pin",
    "/v1/pinterest/connect-links/{}": "link",
    "/v1/pinterest/accounts/{}": "account",
    "/v1/pinterest/accounts/{}/analytics": "account",
    "/v1/pinterest/accounts/{}/pause": "account",
    "/v1/pinterest/accounts/{}/resume": "account",
    "/v1/projects/{}/pause": "project",
    "/v1/projects/{}/resume": "project",
    "/v1/schedules/{}": "schedule",
    "/v1/schedules/{}/cancel": "schedule",
    "/v1/schedules/{}/retry": "schedule",
    "/v1/schedules/{}/timeline": "schedule",
    "/v1/schedules/{}/why": "schedule",
    "/v1/team/invitations/{}": "invitation",
    "/v1/team/invitations/{}/resend": "invitation",
    "/v1/team/members/{}": "member",
    "/v1/webhooks/{}": "webhook",
    "/v1/webhooks/{}/rotate-secret": "webhook",
}
# (method, pattern) -> (query, body) with A for the account's id and B for its board's.
MORE_IDS = {
    ("GET", "/v1/pinterest/boards"): ("?account_id=A", None),
    ("GET", "/v1/pinterest/boards/{}/access"): ("?account_id=A", None),
    ("DELETE", "/v1/pinterest/boards/{}"): ("?account_id=A", None),
    ("PATCH", "/v1/pinterest/boards/{}"): ("", {"account_id": "A", "name": "Stolen"}),
    ("GET", "/v1/pinterest/terms/related"): ("?account_id=A&terms=x", None),
    ("GET", "/v1/rate-meter"): ("?account_id=A", None),
    ("GET", "/v1/events"): ("?after=event", None),
    ("POST", "/v1/status-tokens"): ("", {"pins": ["pin"], "schedules": ["schedule"]}),
    ("GET", "/v1/analytics/overview"): ("?account_id=A", None),
    ("GET", "/v1/analytics/pins"): ("?account_id=A", None),
    ("GET", "/v1/dashboard/summary"): ("?account_id=A", None),
    ("GET", "/v1/pins"): ("?account_id=A", None),
    ("GET", "/v1/schedules"): ("?account_id=A", None),
    ("GET", "/v1/schedules/export"): ("?account_id=A&timezone=UTC", None),
    ("POST", "/v1/pinterest/connect-links"): ("", {"account_id": "A"}),
    ("POST", "/v1/pinterest/boards"): ("", {"account_id": "A", "name": "Foreign"}),
    ("POST", "/v1/pins"): ("", "pin"),
    ("POST", "/v1/pins/batch"): ("", "batch"),
    ("POST", "/v1/pins/bulk-delete"): ("", {"ids": ["pin"]}),
    ("POST", "/v1/pins/bulk-retry"): ("", {"ids": ["pin"]}),
    ("POST", "/v1/pins/validate"): ("", "pin"),
    ("POST", "/v1/schedules"): ("", "schedule"),
    ("POST", "/v1/schedules/bulk-cancel"): ("", {"ids": ["schedule"]}),
    ("POST", "/v1/schedules/bulk-delete"): ("", {"ids": ["schedule"]}),
    ("POST", "/v1/schedules/bulk-retry"): ("", {"ids": ["schedule"]}),
    ("POST", "/v1/schedules/validate"): ("", "schedule"),
    ("POST", "/v1/projects/switch"): ("", {"project_id": "P"}),
    ("POST", "/v1/api-keys"): ("", {"name": "k", "pinterest_account_ids": ["A"]}),
}
# Well-formed bodies, so that only the credential can be wrong.
BODIES = {
    ("POST", "/v1/pins/imports/csv"): (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\n\r\ntitle\n\r\n--x--\r\n',
        {"Content-Type": "multipart/form-data; boundary=x"},
    ),
    ("POST", "/v1/pins/imports/json"): ([], {}),
}
# Routes that take no id: own listings, and routes without a credential.
NO_IDS = {
    ("GET", "/"), ("GET", "/docs"), ("GET", "/docs/Pintempo.php"), ("GET", "/docs/style.css"), ("GET", "/healthz"), ("GET", "/openapi.json"),
    ("GET", "/readyz"), ("GET", "/v1/api-keys"), ("GET", "/v1/limits"),
    ("GET", "/v1/campaigns"), ("GET", "/v1/campaigns/{}"), ("GET", "/v1/pins/by-external-id/{}"),
    ("GET", "/v1/schedules/by-external-id/{}"),
    ("POST", "/v1/auth/login"), ("GET", "/v1/auth/me"), ("POST", "/v1/auth/register"),
    ("POST", "/v1/auth/change-password"), ("POST", "/v1/auth/logout"),
    ("GET", "/v1/auth/sessions"), ("DELETE", "/v1/auth/sessions"),
    ("GET", "/v1/activity-logs"),
    ("POST", "/v1/billing/checkout"), ("POST", "/v1/billing/portal"), ("GET", "/v1/billing/pricing"),
    ("GET", "/v1/billing/status"), ("GET", "/v1/mcp/quota"), ("POST", "/v1/mcp/track"),
    ("POST", "/v1/stripe/webhook"),
    ("GET", "/v1/auth/reset-password"), ("POST", "/v1/auth/reset-password"), ("POST", "/v1/auth/reset-password/form"),
    ("POST", "/v1/auth/forgot-password"), ("GET", "/v1/auth/email/verify"), ("POST", "/v1/auth/email/verify"),
    ("GET", "/v1/auth/email/change/confirm"), ("POST", "/v1/auth/email/change/confirm"),
    ("GET", "/v1/email/unsubscribe"), ("POST", "/v1/email/unsubscribe"),
    ("GET", "/v1/auth/profile"), ("PUT", "/v1/auth/profile"), ("POST", "/v1/auth/email/verify/request"),
    ("POST", "/v1/auth/email/change/request"), ("GET", "/v1/email/preferences"), ("PATCH", "/v1/email/preferences"),
    ("GET", "/v1/pins/imports"), ("POST", "/v1/pins/imports/csv"),
    ("POST", "/v1/pins/imports/json"), ("GET", "/v1/pinterest/accounts"),
    ("GET", "/v1/pinterest/connect-links"), ("GET", "/v1/pinterest/oauth/connect"),
    ("POST", "/v1/pinterest/oauth/connect"),
    ("GET", "/v1/pinterest/oauth/callback"), ("GET", "/v1/pinterest/oauth/start"),
    ("GET", "/v1/projects"), ("POST", "/v1/projects/sandbox"),
    ("POST", "/v1/projects/sandbox/reset"), ("GET", "/v1/team/invitations"), ("POST", "/v1/team/invitations"),
    ("POST", "/v1/team/invitations/accept"), ("POST", "/v1/team/invitations/accept/form"), ("GET", "/v1/team/invitations/preview"),
    ("GET", "/v1/team/members"), ("GET", "/v1/webhooks"), ("POST", "/v1/webhooks"),
}  # fmt: skip
# What takes status tokens alone: tests/api/test_status_tokens.py.
TOKEN_ONLY = {("GET", "/v1/status")}
# What a key with an allow-list gets from a route that takes no id: "silent": an answer without
# anything of other accounts; "hidden": a 404 or nothing; "refused": 403 account_not_permitted; "carried": what it makes has its
# list.
LIMITED = {
    ("GET", "/v1/auth/me"): "silent",
    ("GET", "/v1/activity-logs"): "silent",
    ("GET", "/v1/billing/status"): "silent",
    ("GET", "/v1/campaigns"): "hidden",
    ("GET", "/v1/campaigns/{}"): "hidden",
    ("GET", "/v1/pins/by-external-id/{}"): "hidden",
    ("GET", "/v1/schedules/by-external-id/{}"): "hidden",
    ("GET", "/v1/limits"): "silent",
    ("GET", "/v1/mcp/quota"): "silent",
    ("POST", "/v1/mcp/track"): "silent",
    ("GET", "/v1/pins/imports"): "silent",
    ("POST", "/v1/pins/imports/csv"): "silent",
    ("POST", "/v1/pins/imports/json"): "silent",
    ("GET", "/v1/pinterest/accounts"): "silent",
    ("GET", "/v1/pinterest/connect-links"): "silent",
    ("GET", "/v1/pinterest/oauth/start"): "refused",
    ("GET", "/v1/webhooks"): "silent",
    ("POST", "/v1/webhooks"): "carried",
}
# Of these, what names no account to anybody.
NAMELESS = {
    "/v1/analytics/pins", "/v1/auth/me", "/v1/billing/status", "/v1/dashboard/summary", "/v1/limits", "/v1/mcp/quota",
}  # fmt: skip
# Routes that also answer without an id: then nothing of other accounts is in it, or it is refused.
LIMITED_WITHOUT_ID = {
    ("GET", "/v1/analytics/overview"): "silent",
    ("GET", "/v1/analytics/pins"): "silent",
    ("GET", "/v1/dashboard/summary"): "silent",
    ("GET", "/v1/pins"): "silent",
    ("GET", "/v1/schedules"): "silent",
    ("POST", "/v1/pinterest/connect-links"): "refused",
}
# Of the headers, what may differ between equal requests.
VOLATILE = {"date", "x-request-id", "keep-alive", "connection"}
BODY_OF = {
    "/v1/api-keys/{}": {"name": "Stolen"},
    "/v1/pins/{}": {"title": "Stolen"},
    "/v1/pins/{}/settle": {"pinterest_pin_id": "1"},
    "/v1/schedules/{}": {"title": "Stolen"},
    "/v1/team/members/{}": {"role": "viewer"},
    "/v1/webhooks/{}": {"events": ["pin.failed"]},
}
# The scope that a route requires of a key, unless its method decides.
SCOPE_BY_METHOD = {"GET": "read", "POST": "write", "PATCH": "write", "DELETE": "destructive"}
SCOPE = {
    ("POST", "/v1/mcp/track"): "read",
    ("POST", "/v1/pins/bulk-delete"): "destructive",
    ("POST", "/v1/pins/validate"): "read",
    ("POST", "/v1/status-tokens"): "read",
    ("POST", "/v1/schedules/bulk-delete"): "destructive",
    ("POST", "/v1/schedules/validate"): "read",
    ("GET", "/v1/pinterest/oauth/start"): "write",
    ("POST", "/v1/projects/sandbox/reset"): "destructive",
    ("POST", "/v1/projects/switch"): "read",
}
PUBLIC = {
    ("GET", "/"), ("GET", "/docs"), ("GET", "/docs/Pintempo.php"), ("GET", "/docs/style.css"), ("GET", "/healthz"), ("GET", "/openapi.json"),
    ("GET", "/readyz"), ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/register"), ("GET", "/v1/pinterest/oauth/callback"),
    ("GET", "/v1/auth/reset-password"), ("POST", "/v1/auth/reset-password"), ("POST", "/v1/auth/reset-password/form"),
    ("POST", "/v1/auth/forgot-password"), ("GET", "/v1/auth/email/verify"), ("POST", "/v1/auth/email/verify"),
    ("GET", "/v1/auth/email/change/confirm"), ("POST", "/v1/auth/email/change/confirm"),
    ("GET", "/v1/email/unsubscribe"), ("POST", "/v1/email/unsubscribe"),
    ("GET", "/v1/pinterest/oauth/connect"), ("POST", "/v1/pinterest/oauth/connect"),
    ("GET", "/v1/billing/pricing"), ("POST", "/v1/stripe/webhook"),
    ("GET", "/v1/team/invitations/preview"), ("POST", "/v1/team/invitations/accept/form"),
}  # fmt: skip
# What a session may change without a permission: the person's own affairs.
PERSONAL = ("/v1/auth/", "/v1/email/", "/v1/projects/switch", "/v1/team/invitations/accept")
# Permissions that a handler asks for, since they depend on the id.
INSIDE_PERMISSION = {("DELETE", "/v1/team/members/{}"): "MEMBERS"}
ROWS = {
    "schedules": "HEX(id), state, version, title, deleted_at",
    "pins": "HEX(id), state, version, title, deleted_at",
    "imports": "HEX(id), status, updated_at",
    "webhooks": "HEX(id), events, updated_at, deleted_at",
    "connect_links": "HEX(id), account_id, used_at, revoked_at",
    "api_keys": "HEX(id), name, scopes, account_ids, revoked_at",
    "pinterest_accounts": "HEX(id), health, token_version, boards_at, paused_at, revoked_at",
}
TEAM_ROWS = {
    "memberships": "HEX(id), role, updated_at",
    "invitations": "HEX(id), HEX(token_hash), role, used_at, revoked_at",
}


def route_table():
    """(method, pattern, access, scope) of every ROUTE in app/routes.def."""
    with open(os.path.join(TOP, "app", "routes.def")) as f:
        text = f.read()
    found = re.findall(r'^\s*ROUTE\((\w+), "([^"]+)", (\w+), (\w+),', text, re.M)
    if len(found) != len(re.findall(r"^\s*ROUTE\(", text, re.M)):
        raise AssertionError("app/routes.def has a ROUTE that this test cannot read")
    return found


def definition(name):
    with open(os.path.join(TOP, "app", name)) as f:
        return f.read()


def permission_table():
    """(method, pattern) -> the permission that it needs of a session, from app/routes.def."""
    rows = re.findall(r'^ROUTE\((\w+), "([^"]+)", \w+, \w+, (\w+),', definition("routes.def"), re.M)
    return {(m, p): permission for m, p, permission in rows} | INSIDE_PERMISSION


def role_table():
    """role -> its permissions, from lib/role.def."""
    text = definition("../lib/role.def")
    names = re.findall(r"^ROLE\((\w+),", text, re.M)
    table = {name: {"NONE"} for name in names}
    for permission, bits in re.findall(r'^PERMISSION\((\w+), "\w+", ([01, ]+), "', text, re.M):
        for name, bit in zip(names, bits.split(", "), strict=True):
            if bit == "1":
                table[name].add(permission)
    return table


NEEDS = permission_table()
MAY = role_table()
ROLES = sorted(MAY, key=lambda role: len(MAY[role]))  # the owner last


def refused_to(role, route):
    return NEEDS[route] not in MAY[role]


class Tenant:
    """One organization with one row of each kind, in a project of that environment."""

    def __init__(self, s, environment="sandbox"):
        self.s = s
        s.key = None
        s.register()
        project = s.sandbox()
        self.token, self.project, self.account = s.token, project["id"], s.account_id
        self.board = s.board("Always works")
        made = s.call("POST", "/v1/api-keys", {"name": "all"}, auth=s.token)
        self.ids = {"key": made["id"], "account": self.account, "project": self.project}
        self.key = s.key = made["api_key"]
        self.ids["schedule"] = s.call("POST", "/v1/schedules", self.body("schedule"))["id"]
        self.ids["pin"] = s.call("POST", "/v1/pins", self.body("pin"))["id"]
        rows = [self.body("pin")]
        self.ids["import"] = s.call("POST", "/v1/pins/imports/json", rows)["id"]
        self.ids["webhook"] = s.webhook()["id"]
        self.ids["session"] = next(x["id"] for x in s.call("GET", "/v1/auth/sessions", auth=s.token) if x["current"])
        self.ids["event"] = str(uuid.uuid4())
        s.sql(
            "INSERT INTO events (id, project_id, type, subject_type, subject_id, subject_version, account_id, body, created_at) VALUES"
            + " (x'{}', x'{}', 1, 1, x'{}', 1, x'{}', '{{}}', '2026-01-01')".format(*(self.ids[k].replace("-", "") for k in ("event", "project", "pin", "account")))
        )
        self.ids["link"] = s.call("POST", "/v1/pinterest/connect-links")["id"]
        someone = {"email": "someone@example.com", "role": "viewer"}
        self.ids["invitation"] = s.call("POST", "/v1/team/invitations", someone, auth=s.token)["id"]
        self.ids["member"] = s.call("GET", "/v1/team/members", auth=s.token)["items"][0]["id"]
        self.environment = environment
        if environment == "production":
            s.sql(f"UPDATE projects SET environment = 0, sandbox_of = NULL WHERE id = {self.hex()}")

    def hex(self):
        return "x'" + self.project.replace("-", "") + "'"

    def credentials(self):
        """(name, role to work in or None, keyword arguments of Stack.api()) of every kind."""
        limited = key_of(self.s, self, pinterest_account_ids=[self.account])
        yield "a key", None, {"auth": False, "headers": {"X-API-Key": self.key}}
        yield "a limited key", None, {"auth": False, "headers": {"X-API-Key": limited}}
        for role in ROLES:
            yield role, role, {"auth": self.token}

    def become(self, role):
        who = "UPDATE memberships m JOIN projects p USING (organization_id) SET m.role = '%s' WHERE p.id = %s"
        self.s.sql(who % (role, self.hex()))

    def body(self, kind, account=None, board=None):
        body = {
            "account_id": account or self.account,
            "board_id": board or self.board,
            "title": "A pin",
            "image_url": self.s.image_url,
        }
        if account is None:
            body |= {"campaign": "own", "external_id": "own"}
        return body | ({"run_at": LATER} if kind == "schedule" else {"idempotency_key": str(uuid.uuid4())})

    def rows(self):
        """All its rows, to compare before and after."""
        own = "project_id = x'" + self.project.replace("-", "") + "'"
        rows = [self.s.sql(f"SELECT {columns} FROM {table} WHERE {own}") for table, columns in ROWS.items()]
        team = f"organization_id = (SELECT organization_id FROM projects WHERE {own.replace('project_id', 'id')})"
        rows += [self.s.sql(f"SELECT {columns} FROM {table} WHERE {team}") for table, columns in TEAM_ROWS.items()]
        return rows + self.s.sql(f"SELECT name, paused_at FROM projects WHERE {own.replace('project_id', 'id')}")


def filled(value, ids):
    """The example with its placeholders replaced."""
    if isinstance(value, dict):
        return {k: filled(v, ids) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, ids) for v in value]
    return ids.get(value, value)


def example(tenant, route, ids, account, project):
    """(path, body) of a request to `route` that names these ids; `tenant` sends it."""
    method, pattern = route
    query, body = MORE_IDS.get(route, ("", None))
    path = pattern
    if pattern in ID_IN_PATH:
        path = pattern.replace("{}", ids[ID_IN_PATH[pattern]])
        body = BODY_OF.get(pattern) if method in ("PATCH", "POST") else None
    path = path.replace("{}", tenant.board) + query.replace("=A", "=" + account).replace("=event", "=" + ids["event"])
    if isinstance(body, str):
        kind, body = body, tenant.body("pin" if body == "batch" else body, account)
        body["idempotency_key"] = "same"
        body = {"pins": [body]} if kind == "batch" else body
    return path, filled(body, ids | {"A": account, "P": project})


def told(answer, *hide):
    """An answer without the parts that differ between equal requests."""
    status, head, body = answer
    text = repr(body)
    for word in hide:
        text = text.replace(word, "ID")
    # the rest of a token bucket and the like differs with time, but its header must be there
    named = sorted((k.lower(), "" if k.lower().startswith(("ratelimit", "x-ratelimit")) else v) for k, v in head.items() if k.lower() not in VOLATILE)
    return status, re.sub(r"'request_id': '[^']*'|req_\w+", "", text), named


def covered(routes):
    known = {(m, p) for m, p, _, _ in routes if p in ID_IN_PATH} | set(MORE_IDS) | NO_IDS | TOKEN_ONLY
    named = {(m, p) for m, p, _, _ in routes}
    t.ok(len(named) > 40, "app/routes.def is read", len(named))
    t.equal(sorted(named - known), [], "every route has an example in this test")
    t.equal(sorted((set(MORE_IDS) | NO_IDS) - named), [], "every example is of a route")
    t.equal(sorted(set(ID_IN_PATH) - {p for _, p in named}), [], "every path with an id is of a route")


def foreign(s, routes, mine, other, sibling=False, shared=False):
    """Rows of another project look like rows that do not exist, whatever the credential; also if the
    person is a member of the other organization (`shared`), as the session works in this one."""
    unknown = {kind: str(uuid.uuid4()) for kind in other.ids}
    places = ((other.ids, other.project), (unknown, str(uuid.uuid4())))
    before = other.rows()
    wrong, seen = {}, 0
    for name, role, caller in mine.credentials():
        if role:
            mine.become(role)
        for method, pattern, access, _ in routes:
            route = (method, pattern)
            if route in NO_IDS or (access == "SESSION" and not role):
                continue
            if shared and pattern.endswith("/switch"):
                continue  # leads there
            if sibling and role and (ID_IN_PATH.get(pattern) == "project" or pattern.endswith("/switch")):
                continue  # a person works in all projects of the organization
            got, want = [
                told(s.api(method, *example(mine, route, ids, ids["account"], project), **caller), *ids.values(), project)
                for ids, project in places
            ]
            seen += 1
            bulk = "/bulk-" in pattern and got[0] == 200 and "'error_code': 'not_found'" not in got[1]
            beyond = name == "a limited key" and ID_IN_PATH.get(pattern) == "account"
            refused = 403 if beyond or (role and refused_to(role, route)) else 404
            if got != want or bulk or (pattern in ID_IN_PATH and got[0] != refused):
                wrong.setdefault(f"{method} {pattern}", []).append((name, got, want))
    whose = f"{mine.environment} against {'the same organization in ' if sibling else 'an own one in ' if shared else ''}{other.environment}"
    for method, pattern, _, _ in routes:
        if (method, pattern) not in NO_IDS:
            found = wrong.get(f"{method} {pattern}", [])
            t.ok(not found, f"another project's id is as unknown as a random one ({whose}): {method} {pattern}", found)
    t.ok(seen > 100, "the matrix has its size", seen)
    t.equal(other.rows(), before, f"no row of the other project has changed ({whose})")
    for path in ("pins", "schedules", "webhooks", "pinterest/accounts", "pins/imports", "api-keys", "pinterest/connect-links"):
        text = repr(s.call("GET", "/v1/" + path, auth=mine.token))
        t.ok(len(text) > 2 and not any(i in text for i in other.ids.values()), f"the other project's rows are not listed ({whose}): {path}", text)


def join(s, mine, other):
    """Makes the person of `mine` an owner in the organization of `other`, too."""
    s.sql(
        "INSERT INTO memberships (organization_id, user_id, id, role, created_at, updated_at)"
        " SELECT p.organization_id, m.user_id, UNHEX(MD5(RAND())), 'owner', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)"
        f" FROM projects p JOIN projects q ON q.id = {mine.hex()} JOIN memberships m ON m.organization_id = q.organization_id"
        f" WHERE p.id = {other.hex()}"
    )


def key_of(s, tenant, **fields):
    made = s.call("POST", "/v1/api-keys", {"name": "k", **fields}, auth=tenant.token)
    return made["api_key"]


def scopes(s, routes, mine):
    """Every route with keys of a single scope, without a credential and with a revoked key."""
    keys = {scope: key_of(s, mine, scopes=[scope]) for scope in SCOPES}
    everything = key_of(s, mine)
    made = s.call("POST", "/v1/api-keys", {"name": "gone"}, auth=mine.token)
    s.call("DELETE", "/v1/api-keys/" + made["id"], auth=mine.token)
    unknown = {kind: str(uuid.uuid4()) for kind in mine.ids}
    for method, pattern, access, scope in routes:
        route = (method, pattern)
        name = f"{method} {pattern}"
        path, body = example(mine, route, unknown, unknown["account"], unknown["key"])
        body, kind = BODIES.get(route, (body or ({} if method == "POST" else None), {}))

        def ask(key=None, **more):
            head = kind | ({"X-API-Key": key} if key else {})
            status, _, value = s.api(method, path, body, headers=head | more, auth=False)
            return status, value["error"]["code"] if status >= 400 else None

        if route in PUBLIC:
            t.equal(access, "PUBLIC", f"a route that accepts no credential is public: {name}")
            t.ok(ask()[0] not in (401, 403), f"a public route needs no credential: {name}")
            continue
        t.equal(ask(), (401, "unauthorized"), f"a request without a credential is a 401: {name}")
        bad = (403, "forbidden") if access == "SESSION" else (401, "unauthorized")
        t.equal(ask("pb_test_" + "0" * 43), bad, f"an unknown key is refused: {name}")
        t.equal(ask(made["api_key"]), bad, f"a revoked key is refused: {name}")
        bearer = ask(Authorization="Bearer pbs_" + "0" * 43)
        t.equal(bearer, (401, "unauthorized"), f"an unknown session is refused: {name}")
        if access == "SESSION":
            t.equal(ask(everything), (403, "forbidden"), f"a key is refused on a route for sessions: {name}")
            continue
        want = SCOPE.get(route, SCOPE_BY_METHOD[method])
        got = [k for k, key in keys.items() if ask(key) != (403, "insufficient_scope")]
        t.equal(got, [want], f"only the scope {want} opens it: {name}")
        t.ok(ask(everything)[0] not in (401, 403), f"a key with all scopes opens it: {name}")


def matrix(routes):
    """Whatever changes something needs a permission, unless it is the person's own."""
    open_to_all = [(m, p, access, scope) for m, p, access, scope in routes if access in ("SESSION", "ANY") and NEEDS[(m, p)] == "NONE"]
    t.equal([r for r in open_to_all if r[3] != "R"], [], "every route that writes needs a permission")
    wrong = [r for r in open_to_all if r[2] == "SESSION" and r[0] != "GET" and not r[1].startswith(PERSONAL)]
    t.equal(wrong, [], "so does every one for sessions but for a person's own affairs")
    used = set(NEEDS.values()) - {"NONE"}
    t.equal(sorted(used - MAY["owner"]), [], "an owner may do everything")
    t.ok(all(MAY[a] <= MAY[b] for a, b in zip(ROLES, ROLES[1:])), "each role may do what a lower one may", MAY)
    t.equal((sorted(MAY["viewer"] - {"NONE"}), "BILLING" in MAY["admin"], "MEMBERS" in MAY["editor"]), (["REPORTS"], False, False), "the roles are the ones of the docs")


def roles(s, routes, mine):
    """Every route with a session of each role; afterwards the user is an owner again."""
    unknown = {kind: str(uuid.uuid4()) for kind in mine.ids}
    for role in ROLES:
        mine.become(role)
        for method, pattern, access, _ in routes:
            route = (method, pattern)
            if route in PUBLIC or route in (("POST", "/v1/projects/sandbox"), ("POST", "/v1/auth/logout")):
                continue
            if not refused_to(role, route) and route == ("POST", "/v1/projects/sandbox/reset"):
                continue  # allowed, and would empty the project
            path, body = example(mine, route, unknown, unknown["account"], unknown["key"])
            body, kind = BODIES.get(route, (body or ({} if method == "POST" else None), {}))
            status, _, value = s.api(method, path, body, kind, auth=mine.token)
            refused = status == 403 and value["error"]["code"] == "forbidden"
            t.ok(value is None or status != 403 or refused, f"and by no scope: {method} {pattern}", value)
            t.equal(refused, refused_to(role, route), f"a session does what the role {role} permits ({mine.environment}): {method} {pattern}")


def second_account(s, mine):
    s.token, s.key = mine.token, None
    return s.connect("second", auth=mine.token)


def limited(s, routes, mine, narrow, second):
    """Routes that name no account, with a key that is limited to the second one."""
    hidden = [v for kind, v in mine.ids.items() if kind not in ("key", "project")]
    rows = {r: k for r, k in (LIMITED | LIMITED_WITHOUT_ID).items()}
    need = {(m, p) for m, p, access, _ in routes if access in ("ANY", "INSIDE") and (m, p) in NO_IDS}
    t.equal(sorted(need - set(LIMITED)), [], "every route without an id has a row for limited keys")
    t.equal(sorted(set(rows) - {(m, p) for m, p, _, _ in routes}), [], "every such row is of a route")
    bodies = {
        ("POST", "/v1/pins/imports/json"): ([mine.body("pin")], {}),
        ("POST", "/v1/pins/imports/csv"): BODIES[("POST", "/v1/pins/imports/csv")],
        ("POST", "/v1/webhooks"): ({"url": s.sink.url + "/limited", "secret": "sixteen-or-more-characters"}, {}),
    }
    for (method, path), kind in sorted(rows.items()):
        body, head = bodies.get((method, path), (None, {}))
        path = path.replace("{}", "own")
        status, _, value = s.api(method, path, body, headers={"X-API-Key": narrow} | head, auth=False)
        text = repr(value)
        t.ok(not any(i in text for i in hidden), f"a limited key is told nothing of other accounts: {method} {path}", text)
        if kind == "hidden":
            t.ok(status == 404 or value == [], f"what is of other accounts is not there: {method} {path}", (status, value))
        elif kind == "refused":
            t.equal((status, value["error"]["code"]), (403, "account_not_permitted"), f"it is refused: {method} {path}")
        else:
            t.ok(status < 300 or path.endswith("/csv"), f"it is answered: {method} {path}", (status, value))
        if kind == "carried":
            t.equal(value["pinterest_account_ids"], [second], f"what it makes has its list: {method} {path}")
        whole = s.api(method, path, body, headers={"X-API-Key": mine.key} | head, auth=False)
        if kind == "hidden":
            t.ok(whole[0] == 200 and whole[2], f"a key without a list has it: {method} {path}", whole)
        if kind == "silent" and method == "GET" and path not in NAMELESS:
            t.ok(any(i in repr(whole[2]) for i in hidden), f"a key without a list is told: {method} {path}", whole)


def allow_list(s, routes, mine):
    """A key restricted to the second account asks for rows of the first."""
    second = second_account(s, mine)
    narrow = key_of(s, mine, pinterest_account_ids=[second])
    before = mine.rows()
    for method, pattern, access, _ in routes:
        route = (method, pattern)
        if access in ("SESSION", "PUBLIC") or route in NO_IDS:
            continue
        path, body = example(mine, route, mine.ids, mine.account, mine.project)
        status, _, value = s.api(method, path, body, headers={"X-API-Key": narrow}, auth=False)
        name = f"an account outside the allow-list is refused: {method} {pattern}"
        code = value["error"]["code"] if status >= 400 else None
        if pattern.startswith(("/v1/pins/imports/{}", "/v1/webhooks/{}", "/v1/pinterest/connect-links/{}")):
            t.equal((status, code), (404, "not_found"), name)
        elif pattern == "/v1/pins/batch":
            got = [(r["status"], r["error"]["code"]) for r in value["results"]]
            t.equal((status, got), (200, [("failed", "account_not_permitted")]), name)
        elif "/bulk-" in pattern:
            got = [(r["status"], r["error_code"]) for r in value["results"]]
            t.equal((status, got), (200, [("failed", "account_not_permitted")]), name)
        elif pattern in ("/v1/events", "/v1/status-tokens"):
            t.equal((status, code), (422, "validation_error"), name)
        elif pattern.endswith("/validate"):
            checks = [c["code"] for c in value["checks"] if c["status"] == "failed"]
            t.equal((status, value["valid"], checks[:1]), (200, False, ["account_not_permitted"]), name)
        else:
            t.equal((status, code), (403, "account_not_permitted"), name)
    t.equal(mine.rows(), before, "no row of the other account has changed")
    head = {"headers": {"X-API-Key": narrow}, "auth": False}
    listed = s.call("GET", "/v1/pinterest/accounts", **head)
    t.equal([a["id"] for a in listed], [second], "a key with an allow-list sees only its own account")
    for path in ("pins", "schedules", "pins/imports"):
        t.equal(s.call("GET", "/v1/" + path, **head), [], f"a key with an allow-list sees no rows of other accounts: {path}")
    status, got, _ = s.api("GET", "/v1/pins?limit=1", **head)
    t.equal(got["X-Total-Count"], "0", "a key with an allow-list counts no pins of other accounts")
    board = s.boards_of(second, auth=mine.token)["Always works"]
    made = s.call("POST", "/v1/pins", mine.body("pin", second, board), **head)
    t.equal([p["id"] for p in s.call("GET", "/v1/pins", **head)], [made["id"]], "a key with an allow-list sees its own pin")
    rows = [mine.body("pin", second, board), mine.body("pin")]
    job = s.call("POST", "/v1/pins/imports/json", rows, **head)
    t.equal([j["id"] for j in s.call("GET", "/v1/pins/imports", **head)], [job["id"]], "a key with an allow-list sees its own import")
    limited(s, routes, mine, narrow, second)


def main():
    with Stack(worker=False) as s:
        routes = route_table()
        covered(routes)
        matrix(routes)
        routes = [r for r in routes if r[:2] not in TOKEN_ONLY]
        mine, other = Tenant(s), Tenant(s)
        live, brother = Tenant(s, "production"), Tenant(s, "production")
        s.key = None
        foreign(s, routes, mine, other)
        foreign(s, routes, live, other)
        foreign(s, routes, mine, live)
        join(s, mine, other)
        foreign(s, routes, mine, other, shared=True)
        s.sql(f"UPDATE projects p JOIN projects m ON m.id = {mine.hex()} SET p.organization_id = m.organization_id WHERE p.id = {brother.hex()}")
        foreign(s, routes, mine, brother, sibling=True)
        scopes(s, routes, mine)
        roles(s, routes, mine)
        roles(s, routes, live)
        allow_list(s, routes, mine)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Every method of PinBridge's official client, pinbridge-sdk from PyPI, in the newest version and in the oldest that
works here (1.6), sync and async. The list of methods is read from the package: one without an entry fails.

Of each method: the result has the type that the package declares, and the answer every field that it knows; a wrong
credential is an AuthenticationError, an unknown id a NotFoundError. TAP; exits 77 without a package index.
"""

import asyncio
import inspect
import os
import subprocess
import sys
import tempfile
import types
import typing
import uuid
from datetime import datetime, timedelta, timezone

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
NEWEST, OLDEST = "newest", "1.6.0"


def python_with(version):
    """The interpreter of a virtual environment with that version; None: it cannot be installed."""
    home = os.path.join(os.environ.get("PINTEMPO_VAR", os.path.join(TOP, "var")), "conformance-" + version)
    python = os.path.join(home, "bin", "python")
    if version != NEWEST and os.path.exists(os.path.join(home, "installed")):
        return python
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
    what = ["--upgrade", "pinbridge-sdk"] if version == NEWEST else ["pinbridge-sdk==" + version]
    got = subprocess.run([python, "-m", "pip", "-q", "--disable-pip-version-check", "install", *what])
    if got.returncode != 0 and not os.path.exists(os.path.join(home, "installed")):
        return None
    open(os.path.join(home, "installed"), "w").close()
    return python


def both_versions():
    """Runs this file again with both versions at once, and numbers what they print as one."""
    n = failed = 0
    children = []
    for version in (NEWEST, OLDEST):
        python = python_with(version)
        if python is None:
            print("1..0 # SKIP pinbridge-sdk cannot be installed (no package index?)")
            return 77
        out = tempfile.TemporaryFile("w+")
        children.append((subprocess.Popen([python, os.path.abspath(__file__), version], stdout=out), out))
    for child, out in children:
        failed += child.wait() != 0
        out.seek(0)
        for line in out:
            word, _, rest = line.partition("ok ")
            if word in ("", "not "):
                n += 1
                line = f"{word}ok {n} -{rest.partition(' -')[2]}"
            if not line.startswith("1.."):
                print(line.rstrip("\n"), flush=True)
    print(f"1..{n}")
    return 1 if failed else 0


if __name__ == "__main__" and len(sys.argv) < 2:
    sys.exit(both_versions())

sys.path.insert(0, os.path.join(TOP, "tests"))

import httpx  # noqa: E402
import pinbridge_sdk  # noqa: E402
from harness import Stack, Tap  # noqa: E402
from pinbridge_sdk import AsyncPinbridgeClient, PinbridgeClient  # noqa: E402
from pinbridge_sdk.errors import (  # noqa: E402
    APIError,
    AuthenticationError,
    NotFoundError,
    RateLimitError,
    ValidationError,
)
from pydantic import BaseModel  # noqa: E402
from smtp_server import SmtpServer, token_of  # noqa: E402

t = Tap()
WRONG = "pbs_" + "x" * 43
# Uploads come later: these answer a 404.
NOT_HERE = {"assets.upload_image", "assets.upload_video", "assets.list", "assets.get", "assets.get_content", "assets.delete", "assets.bulk_delete"}
# Need no credential.
PUBLIC = {
    "system.root", "system.health", "system.readiness", "system.stripe_webhook", "auth.register", "auth.login", "auth.forgot_password",
    "auth.reset_password", "auth.verify_email", "auth.confirm_email_change", "billing.pricing", "email.unsubscribe",
    "pinterest.oauth_callback", "team.preview_invitation",
}  # fmt: skip
# Answer with an error, and a code: (class, status, code).
REFUSED = {name: (APIError, 409, "feature_unavailable") for name in ("billing.checkout", "billing.portal", "system.stripe_webhook")}
REFUSED["email.unsubscribe"] = (APIError, 400, "bad_request")  # no mail that is sent now can be unsubscribed from
# Ids by which a method finds one thing.
IDS = {"key_id", "pin_id", "job_id", "schedule_id", "webhook_id", "member_id", "invitation_id"}
# Fields that an answer leaves out when they say nothing.
MAY_LACK = {"HealthResponse.checks", "BoardAccessResponse.retry_after_seconds", "PinValidationCheck.details"}
entries = {}


def entry(name):
    """The entry of a method: a function of a Walk that calls it last, and returns what it returned."""

    def add(function):
        assert name not in entries, name
        entries[name] = function
        return function

    return add


class Walk:
    """Calls every method with one client; `kind` is sync or async."""

    def __init__(self, stack, kind):
        self.s, self.kind = stack, kind
        self.loop = asyncio.new_event_loop() if kind == "async" else None
        make = AsyncPinbridgeClient if kind == "async" else PinbridgeClient
        self.c, self.wrong = make(base_url=stack.url), make(base_url=stack.url, bearer_token=WRONG)
        self.last = self.call = None
        self.c._http.event_hooks = {"response": [self.note_async if kind == "async" else self.note]}
        for name, resource, method in methods(self.c):
            setattr(resource, method, self.recorded(name, getattr(resource, method)))

    def note(self, response):
        response.read()
        self.last = response

    async def note_async(self, response):
        await response.aread()
        self.last = response

    def recorded(self, name, method):
        def called(*args, **more):
            self.call = (name, args, more)
            return method(*args, **more)

        return called

    def run(self, result):
        return self.loop.run_until_complete(result) if inspect.isawaitable(result) else result

    def ok(self, good, name, detail=""):
        return t.ok(good, f"{pinbridge_sdk.__version__} {self.kind}: {name}", detail)

    def error(self, call):
        try:
            self.run(call())
        except APIError as e:
            body = e.details if isinstance(e.details, dict) else {}
            return type(e), e.status_code, body.get("code")
        return None

    def session(self):
        self.c.set_api_key(None)
        self.c.set_bearer_token(self.token)

    def key(self):
        self.c.set_bearer_token(None)
        self.c.set_api_key(self.api_key)

    def log_in(self):
        self.token = self.run(self.c.auth.login({"email": self.email, "password": self.password})).access_token
        self.session()

    def mailed(self, address, word):
        """The token of the newest mail to the address whose subject has the word."""
        self.s.mail.wait_for(address, word)
        return token_of(self.s.mail.to(address, word)[-1])

    def pin(self, **more):
        body = {"account_id": str(self.account.id), "board_id": self.board.id, "title": "SDK pin", "image_url": self.s.image_url}
        return body | more

    def later(self, seconds=3600):
        return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()

    def schedule(self, **more):
        return self.run(self.c.schedules.create(self.pin(run_at=self.later(), **more)))

    def failed_pin(self):
        made = self.run(self.c.pins.create(self.pin(idempotency_key=uuid.uuid4().hex, board_id=self.bad_board.id)))
        self.s.wait_for(lambda: self.run(self.c.pins.get(made.id)).status == "failed", 30, "a failed pin")
        return made


def methods(client):
    """(name, resource, method name) of every public method of the package."""
    for group, resource in client._resources.items():
        for method, _ in inspect.getmembers(type(resource), inspect.isfunction):
            if not method.startswith("_"):
                yield f"{group}.{method}", resource, method


def declared(resource, method):
    """The declared result. (Methods named list hide the type from their neighbours' annotations.)"""
    function = getattr(type(resource), method)
    return typing.get_type_hints(function, localns={"list": list, "dict": dict})["return"]


def matches(value, hint):
    origin = typing.get_origin(hint)
    if hint is None or hint is type(None):
        return value is None
    if origin in (typing.Union, types.UnionType):
        return any(matches(value, part) for part in typing.get_args(hint))
    if origin is list:
        return isinstance(value, list) and all(matches(x, typing.get_args(hint)[0]) for x in value)
    if origin is not None:
        return isinstance(value, origin)
    return isinstance(value, hint)


def lacks(value, raw, where=""):
    """Fields that the package knows and the answer does not have, to any depth."""
    if isinstance(value, list) and isinstance(raw, list):
        return {x for v, r in zip(value, raw) for x in lacks(v, r, where)}
    if not isinstance(value, BaseModel) or not isinstance(raw, dict):
        return set()
    found = set()
    for name, field in type(value).model_fields.items():
        if (field.alias or name) not in raw:
            found.add(f"{type(value).__name__}.{name}")
        else:
            found |= lacks(getattr(value, name), raw[field.alias or name], where)
    return found - MAY_LACK


# ---- entries, in the order in which they are called ----


@entry("system.root")
def _(w):
    return w.run(w.c.system.root())


@entry("system.health")
def _(w):
    return w.run(w.c.system.health())


@entry("system.readiness")
def _(w):
    return w.run(w.c.system.readiness())


@entry("system.stripe_webhook")
def _(w):
    return w.run(w.c.system.stripe_webhook(b"{}", stripe_signature="t=1,v1=00"))


@entry("auth.register")
def _(w):
    w.email, w.password = f"sdk-{uuid.uuid4().hex[:12]}@example.com", "correct horse battery"
    return w.run(w.c.auth.register({"full_name": "SDK Walk", "email": w.email, "password": w.password}))


@entry("auth.login")
def _(w):
    made = w.run(w.c.auth.login({"email": w.email, "password": w.password}))
    w.token = made.access_token
    w.session()
    return made


@entry("auth.me")
def _(w):
    me = w.run(w.c.auth.me())
    w.ok(me.user.email == w.email, "auth.me names the person")
    return me


@entry("auth.change_password")
def _(w):
    w.session()
    done = w.run(w.c.auth.change_password({"current_password": w.password, "new_password": w.password + "!"}))
    called, last = w.call, w.last
    w.password += "!"
    w.log_in()
    w.call, w.last = called, last
    return done


@entry("projects.list")
def _(w):
    return w.run(w.c.projects.list())


@entry("projects.create_sandbox")
def _(w):
    made = w.run(w.c.projects.create_sandbox())
    w.sandbox = next(p for p in made.projects if p.environment == "sandbox")
    return made


@entry("projects.switch")
def _(w):
    made = w.run(w.c.projects.switch({"project_id": str(w.sandbox.id)}))
    w.token = made.access_token
    w.session()
    return made


@entry("api_keys.create")
def _(w):
    made = w.run(w.c.api_keys.create({"name": "walk", "scopes": ["read", "write", "destructive"]}))
    w.api_key = w.s.key = made.api_key
    return made


@entry("api_keys.list")
def _(w):
    return w.run(w.c.api_keys.list())


@entry("api_keys.update")
def _(w):
    w.spare = w.run(w.c.api_keys.create({"name": "spare", "scopes": ["read"]}))
    return w.run(w.c.api_keys.update(w.spare.id, {"name": "reader"}))


@entry("api_keys.revoke")
def _(w):
    return w.run(w.c.api_keys.revoke(w.spare.id))


@entry("pinterest.list_accounts")
def _(w):
    w.key()
    found = w.run(w.c.pinterest.list_accounts())
    w.account = found[0]
    return found


@entry("pinterest.list_boards")
def _(w):
    found = w.run(w.c.pinterest.list_boards(w.account.id))
    w.board, w.bad_board = (next(b for b in found if b.name == name) for name in ("Always works", "Image broken"))
    return found


@entry("pinterest.create_board")
def _(w):
    w.new_board = w.run(w.c.pinterest.create_board({"account_id": str(w.account.id), "name": "Walk " + uuid.uuid4().hex[:8]}))
    return w.new_board


@entry("pinterest.check_board_access")
def _(w):
    return w.run(w.c.pinterest.check_board_access(w.board.id, account_id=w.account.id, fresh=True))


@entry("pinterest.update_board")
def _(w):
    return w.run(w.c.pinterest.update_board(w.new_board.id, {"account_id": str(w.account.id), "name": "Walked " + uuid.uuid4().hex[:8]}))


@entry("pinterest.delete_board")
def _(w):
    return w.run(w.c.pinterest.delete_board(w.new_board.id, account_id=w.account.id))


@entry("pinterest.list_related_terms")
def _(w):
    return w.run(w.c.pinterest.list_related_terms(w.account.id, ["oak shelf", "lamp"]))


@entry("pinterest.start_oauth")
def _(w):
    w.started = w.run(w.c.pinterest.start_oauth())
    return w.started


@entry("pinterest.oauth_callback")
def _(w):
    url = str(w.started.authorization_url)
    shown = httpx.get(url).headers["set-cookie"].split(";")[0]
    went = httpx.post(url, headers={"Cookie": shown}, follow_redirects=False).headers["location"]
    address = httpx.URL(went).copy_set_param("sandbox_user", uuid.uuid4().hex)
    page = httpx.get(address, headers={"X-Sandbox-Admin": w.s.admin_token}, follow_redirects=False)
    query = httpx.URL(page.headers["location"]).params
    done = w.run(w.c.pinterest.oauth_callback(code=query["code"], state=query["state"]))
    w.second = done.account_id
    return done


@entry("pinterest.account_analytics")
def _(w):
    return w.run(w.c.pinterest.account_analytics(w.account.id))


@entry("pins.validate")
def _(w):
    got = w.run(w.c.pins.validate(w.pin(idempotency_key="validate")))
    w.ok(got.valid, "pins.validate finds nothing wrong", got)
    return got


@entry("pins.create")
def _(w):
    body = w.pin(idempotency_key=uuid.uuid4().hex, description="d", alt_text="a", related_terms="x, y")
    w.made = w.run(w.c.pins.create(body))
    w.ok(w.run(w.c.pins.create(body)).id == w.made.id, "pins.create again returns the first")
    got = w.error(lambda: w.c.pins.create(body | {"title": "Other"}))
    w.ok(got == (APIError, 409, "conflict"), "pins.create of other content under the key is a conflict", got)
    return w.run(w.c.pins.create(body))


@entry("pins.create_batch")
def _(w):
    wrong = w.pin(idempotency_key="w", board_id="1" * 18)
    made = w.run(w.c.pins.create_batch([w.pin(idempotency_key=uuid.uuid4().hex), wrong]))
    w.ok((made.created_count, made.failed_count, made.results[1].error["code"]) == (1, 1, "board_not_found"), "pins.create_batch tells each entry", made)
    return made


@entry("pins.get")
def _(w):
    w.s.wait_for(lambda: w.run(w.c.pins.get(w.made.id)).status == "published", 30, "a published pin")
    return w.run(w.c.pins.get(w.made.id))


@entry("pins.list")
def _(w):
    return w.run(w.c.pins.list(limit=5, status="published"))


@entry("pins.list_page")
def _(w):
    page = w.run(w.c.pins.list_page(limit=5, q="sdk", sort="created_at_asc"))
    w.ok(page.total is not None, "pins.list_page tells the total")
    return page


@entry("pins.update")
def _(w):
    w.bad = w.failed_pin()
    got = w.error(lambda: w.c.pins.update(w.made.id, {"title": "x"}))
    w.ok(got == (APIError, 409, "pin_already_published"), "pins.update of a published pin is refused", got)
    return w.run(w.c.pins.update(w.bad.id, {"title": "Edited", "link_url": None}))


@entry("pins.retry")
def _(w):
    return w.run(w.c.pins.retry(w.bad.id, {"board_id": w.board.id}))


@entry("pins.analytics")
def _(w):
    return w.run(w.c.pins.analytics(w.made.id))


@entry("pins.delete")
def _(w):
    gone = w.run(w.c.pins.create(w.pin(idempotency_key=uuid.uuid4().hex)))
    w.s.wait_for(lambda: w.run(w.c.pins.get(gone.id)).status == "published", 30, "a published pin")
    got = w.run(w.c.pins.delete(gone.id, delete_from_pinterest=True))
    w.ok(got is not None and got.deleted and not got.removed_from_pinterest, "pins.delete tells what was done at Pinterest", got)
    w.run(w.c.pins.delete(w.bad.id)) if w.s.wait_for(lambda: w.run(w.c.pins.get(w.bad.id)).status == "published", 30) else None
    return got


@entry("pins.bulk_retry")
def _(w):
    return w.run(w.c.pins.bulk_retry([w.made.id, uuid.uuid4()]))


@entry("pins.bulk_delete")
def _(w):
    return w.run(w.c.pins.bulk_delete([uuid.uuid4()]))


@entry("pins.import_json")
def _(w):
    tag = uuid.uuid4().hex
    w.job = w.run(w.c.pins.import_json([w.pin(idempotency_key=f"{tag}-{i}") for i in range(2)]))
    return w.job


@entry("pins.import_csv")
def _(w):
    text = f"account_id,board_id,title,image_url,idempotency_key\n{w.account.id},{w.board.id},Row,{w.s.image_url},{uuid.uuid4().hex}\n"
    return w.run(w.c.pins.import_csv(text.encode(), filename="rows.csv"))


@entry("pins.get_import")
def _(w):
    w.s.wait_for(lambda: w.run(w.c.pins.get_import(w.job.id)).completed_at, 30, "an import")
    got = w.run(w.c.pins.get_import(w.job.id))
    w.ok((got.created_rows, len(got.results)) == (2, 2), "pins.get_import has the rows", got)
    return got


@entry("pins.list_imports")
def _(w):
    return w.run(w.c.pins.list_imports(source_type="json"))


@entry("jobs.get")
def _(w):
    return w.run(w.c.jobs.get(w.made.id))


@entry("schedules.validate")
def _(w):
    return w.run(w.c.schedules.validate(w.pin(run_at=w.later())))


@entry("schedules.create")
def _(w):
    w.planned = w.run(w.c.schedules.create(w.pin(run_at=w.later(), title="Later")))
    return w.planned


@entry("schedules.get")
def _(w):
    return w.run(w.c.schedules.get(w.planned.id))


@entry("schedules.list")
def _(w):
    return w.run(w.c.schedules.list(status="scheduled"))


@entry("schedules.list_page")
def _(w):
    page = w.run(w.c.schedules.list_page(q="later", sort="run_at_asc"))
    w.ok(page.total == 1, "schedules.list_page finds it", page)
    return page


@entry("schedules.update")
def _(w):
    return w.run(w.c.schedules.update(w.planned.id, {"title": "Even later"}))


@entry("schedules.cancel")
def _(w):
    return w.run(w.c.schedules.cancel(w.planned.id))


@entry("schedules.delete")
def _(w):
    return w.run(w.c.schedules.delete(w.planned.id))


@entry("schedules.retry")
def _(w):
    body = w.pin(board_id=w.bad_board.id)
    made = w.s.soon("/v1/schedules", lambda: body | {"run_at": w.later(1)})
    w.s.wait_for(lambda: w.run(w.c.schedules.get(made["id"])).status == "failed", 30, "a failed schedule")
    return w.run(w.c.schedules.retry(made["id"]))


@entry("schedules.bulk_retry")
def _(w):
    return w.run(w.c.schedules.bulk_retry([w.schedule().id]))


@entry("schedules.bulk_cancel")
def _(w):
    w.planned = w.schedule()
    return w.run(w.c.schedules.bulk_cancel([w.planned.id, uuid.uuid4()]))


@entry("schedules.bulk_delete")
def _(w):
    return w.run(w.c.schedules.bulk_delete([w.planned.id]))


@entry("webhooks.create")
def _(w):
    w.hook = w.run(w.c.webhooks.create({"url": w.s.sink_url, "secret": "s" * 20}))
    return w.hook


@entry("webhooks.list")
def _(w):
    return w.run(w.c.webhooks.list())


@entry("webhooks.get")
def _(w):
    return w.run(w.c.webhooks.get(w.hook.id))


@entry("webhooks.update")
def _(w):
    return w.run(w.c.webhooks.update(w.hook.id, {"events": ["pin.failed"]}))


@entry("webhooks.delete")
def _(w):
    return w.run(w.c.webhooks.delete(w.hook.id))


@entry("rate_meter.get")
def _(w):
    return w.run(w.c.rate_meter.get(w.account.id))


@entry("activity_logs.list")
def _(w):
    kinds = pinbridge_sdk.models.activity_logs
    page = w.run(w.c.activity_logs.list(limit=2, category=kinds.ActivityLogCategory.PUBLISHING))
    more = w.run(w.c.activity_logs.list(limit=2, category=kinds.ActivityLogCategory.PUBLISHING, cursor=page.next_cursor))
    w.ok(len(page.items) == 2 and not {i.id for i in page.items} & {i.id for i in more.items}, "activity_logs.list has pages", (page, more))
    return w.run(w.c.activity_logs.list(limit=200))


@entry("dashboard.summary")
def _(w):
    return w.run(w.c.dashboard.summary(tz="Europe/Vienna"))


@entry("billing.pricing")
def _(w):
    return w.run(w.c.billing.pricing())


@entry("billing.status")
def _(w):
    return w.run(w.c.billing.status())


@entry("billing.checkout")
def _(w):
    w.session()
    return w.run(w.c.billing.checkout({"plan": "pro"}))


@entry("billing.portal")
def _(w):
    return w.run(w.c.billing.portal())


@entry("mcp.quota")
def _(w):
    w.c.set_api_key(None)
    w.c.set_bearer_token(w.api_key)
    return w.run(w.c.mcp.quota())


@entry("mcp.track")
def _(w):
    before = w.run(w.c.mcp.quota()).requests_used
    got = w.run(w.c.mcp.track())
    w.ok(got.requests_used == before + 1, "mcp.track counts", got)
    return got


@entry("auth.get_profile")
def _(w):
    w.session()
    return w.run(w.c.auth.get_profile())


@entry("auth.update_profile")
def _(w):
    got = w.run(w.c.auth.update_profile({"full_name": "New Name", "company_name": "Oak"}))
    w.ok((got.full_name, got.company_name) == ("New Name", "Oak"), "auth.update_profile changes it", got)
    return got


@entry("auth.forgot_password")
def _(w):
    return w.run(w.c.auth.forgot_password({"email": w.email}))


@entry("auth.reset_password")
def _(w):
    token = w.mailed(w.email, "set a new")
    w.password = "another horse battery"
    return w.run(w.c.auth.reset_password({"token": token, "password": w.password}))


@entry("auth.request_email_verification")
def _(w):
    w.log_in()
    return w.run(w.c.auth.request_email_verification())


@entry("auth.verify_email")
def _(w):
    return w.run(w.c.auth.verify_email(w.mailed(w.email, "confirm your e-mail")))


@entry("auth.request_email_change")
def _(w):
    w.fresh = f"fresh-{uuid.uuid4().hex[:12]}@example.com"
    return w.run(w.c.auth.request_email_change({"new_email": w.fresh}))


@entry("auth.confirm_email_change")
def _(w):
    done = w.run(w.c.auth.confirm_email_change(w.mailed(w.fresh, "new e-mail")))
    w.ok(done.new_email == w.fresh and done.requires_reauthentication, "auth.confirm_email_change changes the address", done)
    w.email = w.fresh
    return done


@entry("email.get_preferences")
def _(w):
    w.log_in()
    return w.run(w.c.email.get_preferences())


@entry("email.update_preferences")
def _(w):
    return w.run(w.c.email.update_preferences({"transactional_enabled": True, "alerts_enabled": False, "verification_enabled": True}))


@entry("email.unsubscribe")
def _(w):
    return w.run(w.c.email.unsubscribe(workspace_id=w.sandbox.id, user_id=uuid.uuid4(), token="x" * 43))


@entry("team.list_members")
def _(w):
    w.members = w.run(w.c.team.list_members())
    return w.members


@entry("team.create_invitation")
def _(w):
    w.invitation = w.run(w.c.team.create_invitation({"email": f"inv-{uuid.uuid4().hex[:8]}@example.com", "role": "editor"}))
    return w.invitation


@entry("team.preview_invitation")
def _(w):
    w.invited = f"guest-{uuid.uuid4().hex[:8]}@example.com"
    w.run(w.c.team.create_invitation({"email": w.invited, "role": "editor"}))
    w.invite_token = w.mailed(w.invited, "invitation")
    return w.run(w.c.team.preview_invitation(w.invite_token))


@entry("team.accept_invitation")
def _(w):
    host, token = w.token, w.invite_token
    guest = {"full_name": "Guest", "email": w.invited, "password": w.password}
    w.token = w.run(w.c.auth.register(guest)).access_token
    w.session()
    done = w.run(w.c.team.accept_invitation({"token": token}))
    w.token, w.guest_token = host, done.access_token
    return done


@entry("team.update_member")
def _(w):
    w.session()
    w.member = next(m for m in w.run(w.c.team.list_members()).items if m.user.email == w.invited)
    return w.run(w.c.team.update_member(w.member.id, {"role": "admin"}))


@entry("team.remove_member")
def _(w):
    return w.run(w.c.team.remove_member(w.member.id))


@entry("team.list_invitations")
def _(w):
    return w.run(w.c.team.list_invitations())


@entry("team.resend_invitation")
def _(w):
    return w.run(w.c.team.resend_invitation(w.invitation.id))


@entry("team.revoke_invitation")
def _(w):
    return w.run(w.c.team.revoke_invitation(w.invitation.id))


@entry("pinterest.revoke_account")
def _(w):
    w.key()
    return w.run(w.c.pinterest.revoke_account(w.second))


@entry("projects.reset_sandbox")
def _(w):
    w.session()
    return w.run(w.c.projects.reset_sandbox())


# ---- the walk ----


def call_entry(w, name):
    """(result, error): one of them is None."""
    w.call = w.last = None
    try:
        return entries[name](w), None
    except APIError as e:
        return None, e
    except AttributeError as e:  # what an earlier entry should have made
        return None, e


def refusals(w, name, resource, method):
    """What the same call answers to a wrong credential, and with an unknown id."""
    _, args, more = w.call
    wrong = getattr(w.wrong.resource(name.partition(".")[0]), method)
    if name not in PUBLIC:
        got = w.error(lambda: wrong(*args, **more))
        w.ok(got == (AuthenticationError, 401, "unauthorized"), f"{name}: a wrong credential is an AuthenticationError", got)
    first = [p for p in inspect.signature(getattr(type(resource), method)).parameters][1:2]
    if first and first[0] in IDS:
        got = w.error(lambda: getattr(resource, method)(uuid.uuid4(), *args[1:], **more))
        w.ok(got == (NotFoundError, 404, "not_found"), f"{name}: an unknown id is a NotFoundError", got)


def check(w, name, resource, method):
    result, error = call_entry(w, name)
    if not w.ok(w.call is not None and w.call[0] == name, f"{name} is what its entry calls last", w.call):
        return
    call = w.call
    if name in REFUSED:
        body = error.details if error is not None and isinstance(error.details, dict) else {}
        got = (type(error), getattr(error, "status_code", None), body.get("code"))
        w.ok(got == REFUSED[name] and error.message == body.get("detail"), f"{name} is refused with its class, status and code", got)
    elif error is not None:
        w.ok(False, name, f"{error!r} {getattr(error, 'details', None)}")
    else:
        hint = declared(resource, method)
        w.ok(matches(result, hint), f"{name} returns what is declared", (hint, result))
        raw = w.last.json() if w.last is not None and w.last.content and "json" in w.last.headers.get("content-type", "") else None
        missing = lacks(getattr(result, "items", result) if isinstance(raw, list) else result, raw)
        w.ok(not missing, f"{name} answers every field", missing)
    w.call = call
    refusals(w, name, resource, method)


def not_here(w):
    w.key()
    random, asset = uuid.uuid4(), w.c.assets
    calls = {
        "assets.upload_image": lambda: asset.upload_image(b"x", filename="x.png"),
        "assets.upload_video": lambda: asset.upload_video(b"x", filename="x.mp4"),
        "assets.list": asset.list,
        "assets.get": lambda: asset.get(random),
        "assets.get_content": lambda: asset.get_content(random),
        "assets.delete": lambda: asset.delete(random),
        "assets.bulk_delete": lambda: asset.bulk_delete([random]),
    }
    for name in sorted(NOT_HERE):
        got = w.error(calls[name])
        w.ok(got == (NotFoundError, 404, "not_found"), f"{name} is not here yet, and says so", got)


def error_classes(w):
    """Each class of the package, by a request that earns it."""
    w.key()
    got = w.error(lambda: w.c.schedules.create(w.pin(run_at=w.later(-60))))
    w.ok(got == (ValidationError, 422, "validation_error"), "a time in the past is a ValidationError", got)
    got = w.error(lambda: w.c.projects.list())
    w.ok(got == (AuthenticationError, 403, "forbidden"), "what needs a session is an AuthenticationError", got)
    stranger = {"email": f"{uuid.uuid4().hex}@example.com", "password": "wrong horse battery"}
    seen = [w.error(lambda: w.c.auth.login(stranger)) for _ in range(5)]
    w.ok(seen[0] == (AuthenticationError, 401, "unauthorized"), "a wrong password is an AuthenticationError", seen)
    w.ok((RateLimitError, 429, "rate_limited") in seen, "too many are a RateLimitError", seen)


def walk(stack, kind):
    w = Walk(stack, kind)
    found = {name: (resource, method) for name, resource, method in methods(w.c)}
    w.ok(len(found) > 85, "the methods are read from the package", len(found))
    w.ok(set(found) <= set(entries) | NOT_HERE, "every method has an entry", sorted(set(found) - set(entries) - NOT_HERE))
    for name in entries:
        if name in found:
            check(w, name, *found[name])
    not_here(w)
    error_classes(w)
    for client in (w.c, w.wrong):
        w.run(client.aclose() if kind == "async" else client.close())


def main():
    with tempfile.TemporaryDirectory() as folder, SmtpServer(folder) as mail:
        with Stack(server="lighttpd", overrides={"mail": mail.settings()}) as stack:
            stack.mail = mail
            for kind in ("sync", "async"):
                walk(stack, kind)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Calls every route that Pintempo serves with the official client, pinbridge-sdk from PyPI, sync and async.

Runs itself again inside a virtual environment under $PINTEMPO_VAR (default: var/ of the source tree).
TAP on stdout; exits 77 when the package index cannot be reached.
"""

import asyncio
import inspect
import os
import subprocess
import sys
import tempfile
import uuid
from datetime import datetime, timedelta, timezone

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
VERSION = "1.10.1"


def enter_venv():
    home = os.path.join(os.environ.get("PINTEMPO_VAR", os.path.join(TOP, "var")), "sdk-" + VERSION)
    python = os.path.join(home, "bin", "python")
    if os.path.realpath(sys.prefix) == os.path.realpath(home):
        return
    stamp = os.path.join(home, "installed")
    if not os.path.exists(stamp):
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        got = subprocess.run([python, "-m", "pip", "-q", "install", "pinbridge-sdk==" + VERSION])
        if got.returncode != 0:
            print("1..0 # SKIP pinbridge-sdk cannot be installed (no package index?)")
            sys.exit(77)
        open(stamp, "w").close()
    os.execv(python, [python] + sys.argv)


enter_venv()
sys.path.insert(0, os.path.join(TOP, "tests"))

import httpx  # noqa: E402
from harness import Stack  # noqa: E402
from smtp_server import SmtpServer, token_of  # noqa: E402
from pinbridge_sdk import AsyncPinbridgeClient, PinbridgeClient  # noqa: E402
from pinbridge_sdk.errors import (  # noqa: E402
    APIError,
    AuthenticationError,
    NotFoundError,
    ValidationError,
)

run_count = 0
failed = 0


def ok(good, name, detail=""):
    global run_count, failed
    run_count += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {run_count} - {name}")
    if not good and detail:
        print(f"# {detail}")
    return good


class Walk:
    """Calls every route with one client; `kind` is sync or async."""

    def __init__(self, stack, kind, mail):
        self.stack = stack
        self.mail = mail
        self.kind = kind
        self.loop = asyncio.new_event_loop() if kind == "async" else None
        make = AsyncPinbridgeClient if kind == "async" else PinbridgeClient
        self.client = make(base_url=stack.url)

    def run(self, result):
        return self.loop.run_until_complete(result) if inspect.isawaitable(result) else result

    def ok(self, good, name, detail=""):
        return ok(good, f"{self.kind}: {name}", detail)

    def refused(self, error, status, code, call, name):
        try:
            self.run(call())
        except error as e:
            body = e.details if isinstance(e.details, dict) else {}
            self.ok(
                e.status_code == status and body.get("code") == code and e.message == body["detail"],
                name,
                f"{e.status_code} {body}",
            )
        else:
            self.ok(False, name, "was accepted")

    def use_key(self, key):
        self.client.set_bearer_token(None)
        self.client.set_api_key(key)

    def use_session(self, token):
        self.client.set_api_key(None)
        self.client.set_bearer_token(token)

    def pin(self, **more):
        body = {
            "account_id": str(self.account.id),
            "board_id": self.board.id,
            "title": "SDK pin",
            "image_url": self.stack.image_url,
        }
        body.update(more)
        return body

    def soon(self, seconds):
        return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()

    def system(self):
        c = self.client
        self.ok(self.run(c.system.root()).service != "", "system.root")
        self.ok(self.run(c.system.health()).status == "ok", "system.health")
        self.ok(self.run(c.system.readiness()).database == "ok", "system.readiness")

    def auth(self):
        c = self.client
        email = f"sdk-{uuid.uuid4().hex[:12]}@example.com"
        password = "correct horse battery"
        made = self.run(
            c.auth.register({"full_name": "SDK Walk", "email": email, "password": password})
        )
        self.ok(made.user.email == email and made.token_type == "bearer", "auth.register")
        login = self.run(c.auth.login({"email": email, "password": password}))
        self.use_session(login.access_token)
        self.ok(self.run(c.auth.me()).user.email == email, "auth.login, auth.me")
        self.use_session("pbs_" + "x" * 43)
        self.refused(AuthenticationError, 401, "unauthorized", c.auth.me, "a wrong token is refused")
        self.use_session(login.access_token)
        self.person(email)

    def person(self, email):
        """Passwords, addresses, profile and preferences, with the mails that they need."""
        c, mail = self.client, self.mail
        profile = self.run(c.auth.update_profile({"company_name": "Keramik", "address_city": "Köln"}))
        self.ok(profile.company_name == "Keramik" and profile.email == email, "auth.update_profile")
        self.ok(self.run(c.auth.get_profile()) == profile, "auth.get_profile")
        got = self.run(c.auth.request_email_verification())
        self.ok(bool(got.message) and got.retry_after_seconds is None, "auth.request_email_verification")
        token = token_of(mail.wait_for(email, "confirm your e-mail", 2))
        self.ok(bool(self.run(c.auth.verify_email(token)).message), "auth.verify_email")
        self.ok(self.run(c.auth.me()).user.email_verified, "the address is verified")
        fresh = "new-" + email
        asked = self.run(c.auth.request_email_change({"new_email": fresh}))
        self.ok(asked.pending_email == fresh and asked.requested_at, "auth.request_email_change")
        token = token_of(mail.wait_for(fresh, "new e-mail"))
        done = self.run(c.auth.confirm_email_change(token))
        self.ok(done.new_email == fresh and done.requires_reauthentication, "auth.confirm_email_change")
        self.refused(AuthenticationError, 401, "unauthorized", c.auth.me, "the session has ended with it")
        self.ok(bool(self.run(c.auth.forgot_password({"email": fresh})).message), "auth.forgot_password")
        token = token_of(mail.wait_for(fresh, "set a new"))
        reset = {"token": token, "password": "another horse battery"}
        self.ok(bool(self.run(c.auth.reset_password(reset)).message), "auth.reset_password")
        self.refused(APIError, 400, "bad_request", lambda: c.auth.reset_password(reset), "its token is good once")
        login = {"email": fresh, "password": reset["password"]}
        self.use_session(self.run(c.auth.login(login)).access_token)
        change = {"current_password": login["password"], "new_password": "correct horse battery"}
        self.ok(bool(self.run(c.auth.change_password(change)).message), "auth.change_password")
        login["password"] = change["new_password"]
        self.use_session(self.run(c.auth.login(login)).access_token)
        self.mails()

    def mails(self):
        c = self.client
        wants = self.run(c.email.get_preferences())
        self.ok(wants.alerts_enabled and wants.transactional_enabled, "email.get_preferences")
        quiet = {"transactional_enabled": True, "alerts_enabled": False, "verification_enabled": True}
        self.ok(not self.run(c.email.update_preferences(quiet)).alerts_enabled, "email.update_preferences")
        ids = {"workspace_id": wants.workspace_id, "user_id": wants.user_id}
        self.refused(APIError, 400, "bad_request", lambda: c.email.unsubscribe(**ids, token="x" * 43), "an unsubscribe token is not guessed")

    def projects(self):
        c = self.client
        before = self.run(c.projects.list())
        self.ok(before.active_project.environment == "production", "projects.list")
        made = self.run(c.projects.create_sandbox())
        again = self.run(c.projects.create_sandbox())
        sandbox = [p for p in made.projects if p.environment == "sandbox"]
        self.ok(
            len(sandbox) == 1 and len(again.projects) == 2, "projects.create_sandbox is idempotent"
        )
        switched = self.run(c.projects.switch({"project_id": str(sandbox[0].id)}))
        self.ok(switched.active_project.id == sandbox[0].id, "projects.switch")
        self.session = switched.access_token
        self.use_session(self.session)

    def team(self):
        c, email = self.client, f"mate-{uuid.uuid4().hex[:12]}@example.com"
        made = self.run(c.team.create_invitation({"email": "not-" + email, "role": "editor"}))
        again = self.run(c.team.resend_invitation(made.id))
        self.ok((made.email, again.id, again.role) == ("not-" + email, made.id, "editor"), "team.create_invitation, resend_invitation")
        self.ok([i.id for i in self.run(c.team.list_invitations()).items] == [made.id], "team.list_invitations")
        self.ok(bool(self.run(c.team.revoke_invitation(made.id)).message), "team.revoke_invitation")
        self.run(c.team.create_invitation({"email": email, "role": "viewer"}))
        token = token_of(self.mail.wait_for(email, "invitation"))
        seen = self.run(c.team.preview_invitation(token))
        self.ok((seen.email, seen.status, seen.team_access_enabled) == (email, "pending", True), "team.preview_invitation")
        self.refused(AuthenticationError, 403, "forbidden", lambda: c.team.accept_invitation({"token": token}), "another person's invitation is refused")
        mate = {"full_name": "Mate", "email": email, "password": "correct horse battery"}
        self.use_session(self.run(c.auth.register(mate)).access_token)
        joined = self.run(c.team.accept_invitation({"token": token}))
        self.ok(joined.organization_role == "viewer" and len(joined.available_organizations) == 2, "team.accept_invitation")
        self.refused(NotFoundError, 404, "not_found", lambda: c.team.accept_invitation({"token": token}), "an invitation is good once")
        login = self.run(c.auth.login({"email": email, "password": mate["password"]}))
        self.use_session(login.access_token)
        there = next(o for o in login.available_organizations if o.organization.id == joined.organization.id)
        switched = self.run(c.projects.switch({"project_id": str(there.active_project.id)}))
        self.ok(switched.organization.id == joined.organization.id, "projects.switch to another organization")
        self.use_session(self.session)
        members = self.run(c.team.list_members()).items
        member = next(m for m in members if m.user.email == email)
        self.ok(len(members) == 2 and member.invited_by.email == members[0].user.email, "team.list_members")
        self.ok(self.run(c.team.update_member(member.id, {"role": "admin"})).role == "admin", "team.update_member")
        self.refused(APIError, 409, "conflict", lambda: c.team.remove_member(members[0].id), "the last owner cannot leave")
        self.ok(bool(self.run(c.team.remove_member(member.id)).message), "team.remove_member")

    def keys(self):
        c = self.client
        made = self.run(c.api_keys.create({"name": "walk"}))
        spare = self.run(c.api_keys.create({"name": "spare", "scopes": ["read"]}))
        self.ok(len(self.run(c.api_keys.list())) == 2, "api_keys.create, list")
        renamed = self.run(c.api_keys.update(spare.id, {"name": "reader"}))
        self.ok(renamed.name == "reader", "api_keys.update")
        self.use_key(spare.api_key)
        self.refused(
            AuthenticationError,
            403,
            "insufficient_scope",
            lambda: c.webhooks.create({"url": "https://example.com/h", "secret": "s" * 16}),
            "a read key cannot write",
        )
        self.use_session(self.session)
        self.run(c.api_keys.revoke(spare.id))
        self.use_key(spare.api_key)
        self.refused(
            AuthenticationError,
            401,
            "unauthorized",
            c.pinterest.list_accounts,
            "a revoked key is refused immediately",
        )
        self.use_key(made.api_key)

    def pinterest(self):
        c = self.client
        ready = self.run(c.pinterest.list_accounts())
        self.ok(
            len(ready) == 1 and ready[0].health_status == "healthy",
            "the sandbox has a ready account",
        )
        start = self.run(c.pinterest.start_oauth())
        same = self.connect(start.authorization_url)
        self.ok(same.account_id == str(ready[0].id), "the ready account keeps its id when reconnected")
        start = self.run(c.pinterest.start_oauth())
        got = self.connect(start.authorization_url, uuid.uuid4().hex)
        self.ok(bool(got.account_id), "pinterest.start_oauth, oauth_callback")
        query = self.query
        self.refused(
            APIError,
            409,
            "conflict",
            lambda: c.pinterest.oauth_callback(code=query["code"], state=query["state"]),
            "a used state is refused",
        )
        accounts = self.run(c.pinterest.list_accounts())
        self.ok(
            got.account_id in [str(a.id) for a in accounts] and len(accounts) == 2,
            "the connected account is listed",
            str(accounts),
        )
        self.second = got.account_id
        self.account = ready[0]
        boards = self.run(c.pinterest.list_boards(self.account.id))
        self.board = next(b for b in boards if b.name == "Always works")
        self.bad_board = next(b for b in boards if b.name == "Image broken")
        self.ok(len(boards) >= 13, "pinterest.list_boards")
        name = "Walk " + uuid.uuid4().hex[:8]
        made = self.run(
            c.pinterest.create_board({"account_id": str(self.account.id), "name": name})
        )
        self.ok(made.name == name and made.id.isdigit(), "pinterest.create_board")
        seen = self.run(
            c.pinterest.check_board_access(made.id, account_id=self.account.id, fresh=True)
        )
        self.ok(seen.publishable and seen.source == "pinterest", "pinterest.check_board_access")
        gone = self.run(
            c.pinterest.check_board_access("1" * 18, account_id=self.account.id, fresh=True)
        )
        self.ok(
            not gone.publishable and gone.code == "board_not_found", "an unknown board is reported as not publishable"
        )

    def boards(self):
        c = self.client
        account = self.account.id
        made = self.run(c.pinterest.create_board({"account_id": str(account), "name": "Walk " + uuid.uuid4().hex[:8]}))
        changed = self.run(c.pinterest.update_board(made.id, {"account_id": str(account), "description": "Changed"}))
        self.ok((changed.id, changed.description) == (made.id, "Changed"), "pinterest.update_board")
        self.run(c.pinterest.delete_board(made.id, account_id=account))
        self.refused(
            NotFoundError,
            404,
            "board_not_found",
            lambda: c.pinterest.delete_board(made.id, account_id=account),
            "pinterest.delete_board: an unknown board is not found",
        )
        terms = self.run(c.pinterest.list_related_terms(account, ["Oak shelf, garden", "oak  shelf"], exact_match=True))
        self.ok([g.term for g in terms.related_terms_list] == ["Oak shelf", "garden"] and terms.exact_match, "pinterest.list_related_terms")

    def connect(self, url, user=None):
        """Does what a browser does up to the callback, which the client calls with its own
        credential: it opens our page, continues, and follows the simulator's redirect."""
        shown = httpx.get(str(url)).headers["set-cookie"].split(";")[0]
        went = httpx.post(str(url), headers={"Cookie": shown}, follow_redirects=False)
        url = httpx.URL(went.headers["location"])
        if user:
            url = url.copy_set_param("sandbox_user", user)
        admin = {"X-Sandbox-Admin": self.stack.admin_token}  # another user than the project's own
        page = httpx.get(url, headers=admin, follow_redirects=False)
        self.query = httpx.URL(page.headers["location"]).params
        return self.run(
            self.client.pinterest.oauth_callback(
                code=self.query["code"], state=self.query["state"]
            )
        )

    def schedules(self):
        c = self.client
        body = self.pin(run_at=self.soon(3600), title="Later")
        made = self.run(c.schedules.create(body))
        self.ok(made.status == "scheduled", "schedules.create")
        self.ok(self.run(c.schedules.validate(body)).valid, "schedules.validate")
        self.ok(self.run(c.schedules.get(made.id)).payload["title"] == "Later", "schedules.get")
        page = self.run(c.schedules.list_page(q="later", sort="run_at_asc", status="scheduled"))
        self.ok(page.total == 1 and page.items[0].id == made.id, "schedules.list_page with q and sort")
        edited = self.run(c.schedules.update(made.id, {"title": "Even later"}))
        self.ok(edited.payload["title"] == "Even later", "schedules.update")
        self.ok(self.run(c.schedules.cancel(made.id)).status == "canceled", "schedules.cancel")
        self.refused(
            APIError, 400, "bad_request", lambda: c.schedules.cancel(made.id), "a second cancel is refused"
        )
        self.run(c.schedules.delete(made.id))
        self.refused(
            NotFoundError, 404, "not_found", lambda: c.schedules.get(made.id), "schedules.delete"
        )
        self.refused(
            ValidationError,
            422,
            "validation_error",
            lambda: c.schedules.create(self.pin(run_at=self.soon(-60))),
            "a run_at in the past is refused",
        )
        bad = self.schedule_soon(board_id=self.bad_board.id)
        self.stack.wait_for(lambda: self.run(c.schedules.get(bad.id)).status == "failed", 30)
        again = self.run(c.schedules.retry(bad.id))
        self.ok(again.status in ("queued", "scheduled", "deferred"), "schedules.retry")
        self.bulk_schedules()

    def schedule_soon(self, **more):
        """A time one second ahead; on a busy machine it may pass before the request is handled."""
        while True:
            try:
                return self.run(self.client.schedules.create(self.pin(run_at=self.soon(1), **more)))
            except ValidationError as e:
                if "in the future" not in str(e.details):
                    raise

    def check_results(self, result, want, name):
        counts = (result.succeeded_count, result.skipped_count, result.failed_count)
        got = [(r.status, r.error_code) for r in result.results]
        self.ok(got == want and sum(counts) == len(want), name, f"{counts} {result.results}")

    def bulk_schedules(self):
        c, unknown_id = self.client, uuid.uuid4()
        later = self.run(c.schedules.create(self.pin(run_at=self.soon(3600), title="Bulk")))
        gone, good, missing = ("skipped", "bad_request"), ("succeeded", None), ("failed", "not_found")
        ids = [later.id, unknown_id]
        self.check_results(self.run(c.schedules.bulk_retry(ids)), [gone, missing], "schedules.bulk_retry")
        self.check_results(self.run(c.schedules.bulk_cancel(ids)), [good, missing], "schedules.bulk_cancel")
        self.check_results(self.run(c.schedules.bulk_delete(ids)), [good, missing], "schedules.bulk_delete")

    def pins(self):
        c = self.client
        key = uuid.uuid4().hex
        body = self.pin(idempotency_key=key, description="d", alt_text="a", related_terms="x, y")
        self.ok(self.run(c.pins.validate(body)).valid, "pins.validate")
        made = self.run(c.pins.create(body))
        same = self.run(c.pins.create(body))
        self.ok(made.id == same.id and made.related_terms == ["x", "y"], "pins.create is idempotent")
        self.refused(
            APIError,
            409,
            "conflict",
            lambda: c.pins.create({**body, "title": "Other"}),
            "the same key with another body is refused",
        )
        self.stack.wait_for(lambda: self.run(c.pins.get(made.id)).status == "published", 30)
        job = self.run(c.jobs.get(made.id))
        self.ok(job.status == "published" and job.pinterest_pin_id, "pins.get, jobs.get")
        page = self.run(c.pins.list_page(status="published", board_id=self.board.id))
        self.ok(page.total >= 1 and made.id in [p.id for p in page.items], "pins.list_page")
        self.refused(
            APIError, 409, "conflict", lambda: c.pins.retry(made.id), "retry of a published pin is refused"
        )
        bad = self.run(
            c.pins.create(self.pin(idempotency_key=key + "b", board_id=self.bad_board.id))
        )
        self.stack.wait_for(lambda: self.run(c.pins.get(bad.id)).status == "failed", 30)
        self.ok(
            self.run(c.pins.get(bad.id)).error_code == "invalid_image", "a failed pin shows its error code"
        )
        edited = self.run(c.pins.update(bad.id, {"title": "Edited", "link_url": None}))
        self.ok((edited.title, edited.link_url) == ("Edited", None), "pins.update")
        self.refused(
            APIError, 409, "pin_already_published",
            lambda: c.pins.update(made.id, {"title": "Edited"}), "edit of a published pin is refused",
        )  # fmt: skip
        moved = self.run(c.pins.retry(bad.id, {"board_id": self.board.id}))
        self.ok(moved.board_id == self.board.id, "pins.retry on another board")
        self.stack.wait_for(lambda: self.run(c.pins.get(bad.id)).status == "published", 30)
        self.run(c.pins.delete(bad.id))
        self.refused(NotFoundError, 404, "not_found", lambda: c.pins.get(bad.id), "pins.delete")
        ids, missing = [made.id, bad.id], ("failed", "not_found")
        self.check_results(self.run(c.pins.bulk_retry(ids)), [("skipped", "conflict"), missing], "pins.bulk_retry")
        self.check_results(self.run(c.pins.bulk_delete(ids)), [("succeeded", None), missing], "pins.bulk_delete")

    def imports(self):
        c = self.client
        tag = uuid.uuid4().hex
        rows = [self.pin(idempotency_key=f"{tag}-{i}", title=f"Row {i}") for i in range(3)]
        rows.append({"title": "no board", "idempotency_key": tag})
        job = self.run(c.pins.import_json(rows))
        done = self.finished(job.id)
        self.ok(
            (done.created_rows, done.failed_rows, done.status) == (3, 1, "completed_with_errors"),
            "pins.import_json",
            str(done),
        )
        csv = "account_id,board_id,title,image_url,idempotency_key\r\n" + "".join(
            f'{self.account.id},{self.board.id},"Row {i}",{self.stack.image_url},{tag}-{i}\r\n'
            for i in range(3)
        )
        job = self.run(c.pins.import_csv(csv.encode(), filename="rows.csv"))
        done = self.finished(job.id)
        self.ok(
            (done.existing_rows, done.status) == (3, "completed"),
            "pins.import_csv of the same file again finds every row existing",
            str(done),
        )
        listed = self.run(c.pins.list_imports(source_type="csv"))
        self.ok([j.id for j in listed] == [job.id], "pins.list_imports")

    def finished(self, job_id):
        def ended():
            return self.run(self.client.pins.get_import(job_id)).completed_at is not None

        self.stack.wait_for(ended, 30)
        return self.run(self.client.pins.get_import(job_id))

    def webhooks(self):
        c = self.client
        made = self.run(c.webhooks.create({"url": self.stack.sink_url, "secret": "s" * 20}))
        self.ok(made.events == ["pin.published", "pin.failed"], "webhooks.create")
        self.ok(len(self.run(c.webhooks.list())) == 1, "webhooks.list")
        changed = self.run(c.webhooks.update(made.id, {"events": ["pin.failed"]}))
        self.ok(changed.events == ["pin.failed"], "webhooks.update")
        self.ok(self.run(c.webhooks.get(made.id)).url == made.url, "webhooks.get")
        self.run(c.webhooks.delete(made.id))
        self.refused(
            NotFoundError, 404, "not_found", lambda: c.webhooks.get(made.id), "webhooks.delete"
        )

    def rest(self):
        c = self.client
        meter = self.run(c.rate_meter.get(self.account.id))
        self.ok(0 <= meter.account.tokens_available <= meter.account.capacity, "rate_meter.get")
        mine = self.run(c.pinterest.account_analytics(self.account.id, metrics=["IMPRESSION", "SAVE"]))
        self.ok((mine.provider_mode, mine.totals, mine.daily) == ("simulated", {"impression": 0, "save": 0}, []), "pinterest.account_analytics", str(mine))
        stored = self.run(c.pinterest.account_analytics(self.account.id, source="stored", include_daily=False))
        self.ok((stored.source, stored.history_start) == ("stored", None), "pinterest.account_analytics: nothing is stored", str(stored))
        made = self.run(c.pins.create(self.pin(idempotency_key=uuid.uuid4().hex, title="Figures")))
        self.stack.wait_for(lambda: self.run(c.pins.get(made.id)).status == "published", 30)
        figures = self.run(c.pins.analytics(made.id, start_date=datetime.now(timezone.utc).date(), source="live"))
        self.ok((figures.pin_id, figures.source, figures.totals["save"]) == (made.id, "simulated", 0), "pins.analytics", str(figures))
        summary = self.run(c.dashboard.summary(tz="Europe/Vienna", end=datetime.now() + timedelta(days=1)))
        self.ok(summary.pins.by_status["published"] >= 1 and summary.granularity == "day", "dashboard.summary", str(summary))
        self.ok(sum(p.published for p in summary.series) == summary.pins.by_status["published"], "dashboard.summary: its series")
        one = self.run(c.dashboard.summary(account_id=self.account.id))
        self.ok(one.import_jobs is None and one.account_id == self.account.id, "dashboard.summary of one account")
        self.refused(
            ValidationError, 422, "invalid_timezone", lambda: c.dashboard.summary(tz="Vienna"), "a zone that is none is refused"
        )
        self.run(c.pinterest.revoke_account(self.second))
        self.use_session(self.session)
        self.stack.wait_for(self.reset, 30)
        self.ok(self.run(c.pins.list_page()).total == 0, "projects.reset_sandbox")
        self.ok(len(self.run(c.pinterest.list_accounts())) >= 1, "the account survives a reset of the sandbox")

    def reset(self):
        try:
            self.run(self.client.projects.reset_sandbox())
        except APIError as e:
            if e.status_code != 409:
                raise
            return False
        return True

    def all(self):
        for step in (
            self.system,
            self.auth,
            self.projects,
            self.team,
            self.keys,
            self.pinterest,
            self.boards,
            self.webhooks,
            self.schedules,
            self.pins,
            self.imports,
            self.rest,
        ):
            step()
        self.run(self.client.aclose() if self.kind == "async" else self.client.close())


with tempfile.TemporaryDirectory() as folder, SmtpServer(folder) as mail:
    with Stack(server="lighttpd", overrides={"mail": mail.settings()}) as stack:
        for kind in ("sync", "async"):
            Walk(stack, kind, mail).all()
print(f"1..{run_count}")
sys.exit(1 if failed else 0)

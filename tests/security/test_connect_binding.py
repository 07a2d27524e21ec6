#!/usr/bin/env python3
"""Somebody gives his own way to Pinterest to another person: the address at Pinterest, the address
back, our page, a link for one account. Nothing may be connected that the person did not ask for on
our page, in that browser; and whose right to ask has ended connects nothing. TAP on stdout."""

import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
LINKS = "/v1/pinterest/connect-links"
BACK = "https://shop.example/done"
HTML = {"Accept": "text/html,*/*;q=0.8"}
ROLE = "UPDATE memberships m JOIN projects p USING (organization_id) SET m.role = '%s' WHERE p.id = x'%s'"


def code(got):
    return got[0], (got[2] or {}).get("error", {}).get("code")


class Browser:
    """A browser of somebody without any login: keeps cookies as the rules of __Host- and SameSite say."""

    def __init__(self, s):
        self.s, self.jar = s, {}

    def ask(self, method, url, cross_site=False):
        """cross_site: another site sent the browser there."""
        path = url.removeprefix(self.s.url)
        ours = [p for p, same in self.jar.items() if not cross_site or (same == "Lax" and method == "GET")]
        status, head, raw = self.s.request(method, path, headers={**HTML, "Cookie": "; ".join(ours)})
        for line in head.get_all("Set-Cookie") or []:
            pair, *rest = [w.strip() for w in line.split(";")]
            t.ok({"Secure", "HttpOnly", "Path=/"} <= set(rest) and pair.startswith("__Host-") and not any(w.startswith("Domain") for w in rest), "the cookie is bound to this host", line)
            self.jar[pair] = next(w[9:] for w in rest if w.startswith("SameSite="))
        return status, head, raw.decode()

    def at_pinterest(self, url, user):
        """The user grants at once; where Pinterest sends the browser back to."""
        return self.s.authorize(url, user)

    def connect(self, url, user):
        """All the way: our page, the button, Pinterest, and back."""
        self.ask("GET", url, cross_site=True)
        went = self.ask("POST", url)
        return self.ask("GET", self.at_pinterest(went[1]["Location"], user), cross_site=True)


def start(s, auth=True, **query):
    return s.call("GET", "/v1/pinterest/oauth/start?" + urllib.parse.urlencode(query), auth=auth)["authorization_url"]


def accounts(s):
    return s.sql("SELECT HEX(id), token_version FROM pinterest_accounts ORDER BY id")


def page(s):
    """What the person is shown before anything happens."""
    s.sql("UPDATE organizations SET name = '<b>Evil & Co</b>'")
    status, head, text = Browser(s).ask("GET", start(s))
    t.equal(status, 200, "our page is shown first")
    t.ok("&lt;b&gt;Evil &amp; Co&lt;/b&gt;" in text and "<b>" not in text, "it names who asks, escaped", text)
    t.ok("Sandbox" in text or "sandbox" in text, "it names the workspace, and that it is a rehearsal", text)
    t.ok("create, change and delete your public Pins" in text, "it says what Pinterest will be asked for", text)
    t.ok("<script" not in text and "http-equiv" not in text and head["Content-Security-Policy"].startswith("default-src 'none'") and "frame-ancestors 'none'" in head["Content-Security-Policy"], "it runs nothing and cannot be framed")
    t.equal((head["X-Frame-Options"], head["Referrer-Policy"], head["Cache-Control"]), ("DENY", "no-referrer", "no-store"), "nor told on, nor kept")
    name = next(a["username"] for a in s.call("GET", "/v1/pinterest/accounts") if a["id"] == s.account_id)
    t.ok("@" + name in Browser(s).ask("GET", start(s, account_id=s.account_id))[2], "it names the account that is connected again")
    for bad in ("", "?state=x", "?state=", "?link=pcl_x", "?link="):
        got = Browser(s).ask("GET", "/v1/pinterest/oauth/connect" + bad)
        t.ok(got[0] in (400, 404) and "Not connected" in got[2], f"no page for {bad or 'nothing'}", got)
        t.ok(s.request("POST", "/v1/pinterest/oauth/connect" + bad)[0] in (400, 404), f"nor a way on: {bad or 'nothing'}")


def given_away(s):
    """The attacker's own state, in the browser of a victim whose grant Pinterest remembers."""
    before = accounts(s)
    attacker, victim = Browser(s), Browser(s)
    url = start(s)
    attacker.ask("GET", url)
    pinterest = attacker.ask("POST", url)[1]["Location"]
    back = victim.at_pinterest(pinterest, "victim")
    got = victim.ask("GET", back, cross_site=True)
    t.ok(got[0] == 403 and "nothing was connected" in got[2], "Pinterest's address given to a victim connects nothing", got)
    t.equal(code(s.api("GET", back.removeprefix(s.url), auth=False, headers={"Cookie": "a=b"})), (403, "forbidden"), "a program without credential is refused, too")
    victim.ask("GET", url, cross_site=True)
    got = victim.ask("GET", back, cross_site=True)
    t.equal(got[0], 403, "that the victim was shown our page is not enough")
    got = victim.ask("POST", url, cross_site=True)
    t.equal((got[0], got[1]["Location"]), (403, None), "another site cannot press the button")
    t.equal(s.request("POST", url.removeprefix(s.url))[0], 403, "nor can a browser that was not shown the page")
    forged = dict.fromkeys(attacker.jar, "Lax")
    other = Browser(s)
    other.jar = {p[:-1] + ("0" if p[-1] != "0" else "1"): v for p, v in forged.items()}
    t.equal(other.ask("GET", back)[0], 403, "a forged cookie is none")
    other_url = start(s)
    attacker.ask("GET", other_url)
    attacker.ask("POST", other_url)
    mixed = Browser(s)
    mixed.jar = {p: v for p, v in attacker.jar.items() if p not in forged}
    t.equal(mixed.ask("GET", back)[0], 403, "nor is that of another connection")
    t.equal(accounts(s), before, "no account was made or changed")
    got = attacker.ask("GET", attacker.at_pinterest(pinterest, "attacker"), cross_site=True)
    t.equal(got[0], 200, "the refusals did not use the attempt up: its own browser connects")
    t.ok(len(accounts(s)) == len(before) + 1, "and one account is made")
    got = attacker.ask("GET", back)
    t.equal(got[0], 409, "once")
    url = start(s, return_to=BACK)
    went = attacker.ask("GET", url) and attacker.ask("POST", url)
    got = victim.ask("GET", victim.at_pinterest(went[1]["Location"], "victim"))
    t.equal((got[0], got[1]["Location"]), (403, None), "who did not begin is not sent on either")


def from_a_server(s):
    """A program calls the callback with the credential that began."""
    other = s.call("POST", "/v1/api-keys", {"name": "other"}, auth=s.token)["api_key"]
    limited = s.call("POST", "/v1/api-keys", {"name": "limited", "pinterest_account_ids": [s.account_id]}, auth=s.token)["api_key"]
    reader = s.call("POST", "/v1/api-keys", {"name": "reader", "scopes": ["read"]}, auth=s.token)["api_key"]

    def back(auth=True, **query):
        return Browser(s).at_pinterest(s.to_pinterest(start(s, auth, **query)), "server").removeprefix(s.url)

    def call(path, auth=False, **head):
        return s.api("GET", path, auth=auth, headers={"Cookie": ""} | {k.replace("_", "-"): v for k, v in head.items()})

    path = back()
    t.equal(code(call(path, X_API_Key="pb_test_" + "0" * 43))[0], 401, "a wrong key is a 401")
    t.equal(code(call(path, X_API_Key=stranger_key(s))), (403, "forbidden"), "another project's key did not begin")
    t.equal(code(call(path, X_API_Key=reader)), (403, "insufficient_scope"), "a reading key connects nothing")
    t.equal(code(call(path, X_API_Key=limited)), (403, "forbidden"), "nor does a limited one")
    t.equal(code(call(path, auth=s.token)), (403, "forbidden"), "nor a session, if a key began")
    t.equal(call(path, X_API_Key=other)[0], 200, "a key of the project completes what a key began")
    path = back(auth=s.token)
    t.equal(code(call(path, X_API_Key=other)), (403, "forbidden"), "a key does not complete what a person began")
    t.equal(call(path, auth=s.token)[0], 200, "the person's session does")
    path = back(auth=s.token)
    s.sql(ROLE % ("editor", s.project_id.replace("-", "")))
    t.equal(call(path, auth=s.token)[0], 403, "who may not connect any more does not")
    got = s.api("GET", path, auth=False)
    t.equal(code(got), (403, "forbidden"), "nor does the browser that began")
    s.sql(ROLE % ("owner", s.project_id.replace("-", "")))


def stranger_key(s):
    """A key of another organization."""
    kept = s.key, s.token, s.account_id, s.boards, s.project_id
    s.key = None
    s.register()
    s.sandbox()
    key = s.make_key()
    s.key, s.token, s.account_id, s.boards, s.project_id = kept
    return key


def link(s, auth=True, **body):
    return s.call("POST", LINKS, body, auth=auth)


def links(s):
    """One account of a person without any login, once."""
    made = link(s, name="Customer 17")
    t.ok(made["url"].startswith(s.url + "/v1/pinterest/oauth/connect?link=pcl_"), "a link is an address", made)
    text = made["url"].split("link=")[1]
    stored = s.sql("SELECT HEX(token_hash), TIMESTAMPDIFF(MINUTE, created_at, expires_at) FROM connect_links")
    t.ok(text.encode().hex().upper() not in repr(stored) and stored[0][1] == "1440", "only its hash is stored, for a day", stored)
    shown = s.call("GET", LINKS)
    t.ok(text not in repr(shown) and [(x["id"], x["name"], x["used_at"]) for x in shown] == [(made["id"], "Customer 17", None)], "the list shows it without its text", shown)
    before = len(accounts(s))
    customer = Browser(s)
    for _ in range(2):
        t.equal(customer.ask("GET", made["url"], cross_site=True)[0], 200, "opening it does not use it up")
    s.admin("settings", {"deny": 1})
    t.equal(customer.connect(made["url"], "customer")[0], 400, "nor does not granting at Pinterest")
    s.admin("settings", {"deny": None})
    went = customer.ask("POST", made["url"])[1]["Location"]
    second = customer.ask("POST", made["url"])[1]["Location"]
    path = customer.at_pinterest(went, "customer").removeprefix(s.url)
    head = {"Cookie": "", "X-API-Key": s.key}
    t.equal(code(s.api("GET", path, auth=False, headers=head)), (403, "forbidden"), "who made the link does not stand in for the customer's browser")
    got = customer.ask("GET", path, cross_site=True)
    t.ok(got[0] == 200 and "<h1>Connected</h1>" in got[2], "the customer's browser connects the account", got)
    t.equal(len(accounts(s)), before + 1, "one account is made")
    got = customer.ask("GET", customer.at_pinterest(second, "customer-2"), cross_site=True)
    t.equal((got[0], len(accounts(s))), (409, before + 1), "a second way of the same link connects none")
    for method in ("GET", "POST"):
        t.equal(customer.ask(method, made["url"])[0], 404, f"a used link is as unknown as none: {method}")
    row = s.call("GET", LINKS)[0]
    t.ok(row["used_at"] and row["connected_account_id"] in [a["id"] for a in s.call("GET", "/v1/pinterest/accounts")], "the list shows what it connected", row)


def links_ended(s):
    """Withdrawn, expired, its maker gone; of other projects, limited keys and editors."""
    way, made = Browser(s), link(s)
    way.ask("GET", made["url"])
    went = way.ask("POST", made["url"])[1]["Location"]
    t.equal(s.api("DELETE", LINKS + "/" + made["id"])[0], 204, "a link is withdrawn")
    t.equal(code(s.api("DELETE", LINKS + "/" + made["id"])), (404, "not_found"), "once")
    t.equal(way.ask("GET", way.at_pinterest(went, "late"))[0], 409, "who was under way with it connects nothing")
    t.equal(way.ask("GET", made["url"])[0], 404, "and it opens no more")
    old = link(s)
    s.sql(f"UPDATE connect_links SET expires_at = UTC_TIMESTAMP(6) WHERE id = x'{old['id'].replace('-', '')}'")
    t.equal(way.ask("GET", old["url"])[0], 404, "nor does an expired one")
    key = s.call("POST", "/v1/api-keys", {"name": "maker"}, auth=s.token)
    made = s.call("POST", LINKS, headers={"X-API-Key": key["api_key"]}, auth=False)
    t.equal(way.ask("GET", made["url"])[0], 200, "a key's link works")
    s.call("DELETE", "/v1/api-keys/" + key["id"], auth=s.token)
    t.equal(way.ask("GET", made["url"])[0], 403, "until the key is revoked")
    made = link(s, auth=s.token)
    s.sql(ROLE % ("editor", s.project_id.replace("-", "")))
    t.equal(way.ask("GET", made["url"])[0], 403, "a person's until the person may not connect")
    for method, path in (("GET", LINKS), ("POST", LINKS), ("DELETE", LINKS + "/" + made["id"])):
        t.equal(code(s.api(method, path, auth=s.token)), (403, "forbidden"), f"editors have no links: {method}")
    s.sql(ROLE % ("owner", s.project_id.replace("-", "")))
    limited = {"headers": {"X-API-Key": s.call("POST", "/v1/api-keys", {"name": "l", "pinterest_account_ids": [s.account_id]}, auth=s.token)["api_key"]}, "auth": False}
    t.equal(code(s.api("POST", LINKS, **limited)), (403, "account_not_permitted"), "a limited key makes no link for further accounts")
    own = s.call("POST", LINKS, {"account_id": s.account_id}, **limited)
    t.equal([x["id"] for x in s.call("GET", LINKS, **limited)], [own["id"]], "but for its own, and sees no others")
    t.equal(code(s.api("DELETE", LINKS + "/" + made["id"], **limited)), (404, "not_found"), "nor withdraws them")
    t.equal(code(s.api("DELETE", LINKS + "/" + made["id"], auth=False, headers={"X-API-Key": stranger_key(s)})), (404, "not_found"), "another organization does not either")
    t.equal(Browser(s).connect(own["url"], "somebody-else")[0], 409, "a link for one account connects no other")
    t.equal(Browser(s).ask("GET", own["url"])[0], 200, "and is still good then")
    t.equal(code(s.api("POST", LINKS, {"return_to": "https://evil.test/"})), (422, "validation_error"), "it leads nowhere that is not allowed")
    to = link(s, return_to=BACK)
    got = Browser(s).connect(to["url"], "returned")
    t.ok(got[0] == 302 and got[1]["Location"].startswith(BACK + "?status=connected"), "it may lead back to the product", got)


def many(s):
    """At most 100 links that can still be used."""
    s.sql("UPDATE connect_links SET revoked_at = UTC_TIMESTAMP(6)")
    made = [link(s)["id"] for _ in range(100)]
    t.equal(code(s.api("POST", LINKS)), (409, "conflict"), "the 101st open link is refused")
    s.call("DELETE", LINKS + "/" + made[0])
    t.equal(s.api("POST", LINKS)[0], 201, "after one was withdrawn another is made")


def main():
    with Stack(worker=False, overrides={"instance": {"oauth_return_prefixes": "https://shop.example"}}) as s:
        s.sign_up()
        for part in (page, given_away, from_a_server, links, links_ended, many):
            print("# " + part.__name__, flush=True)
            part(s)
    return t.done()


if __name__ == "__main__":
    sys.exit(main())

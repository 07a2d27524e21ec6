#!/usr/bin/env python3
"""Bodies that are not the JSON they are taken for: each is answered with what it is and where. No worker."""

import gzip
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Stack, Tap  # noqa: E402

t = Tap()
HEAD = {"Content-Type": "application/json"}
GOOD = '{"title": "Oak"}'
BODIES = [
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD.encode(), 400, "BOM"),
    ("UTF-16 with a mark", GOOD.encode("utf-16"), 400, "UTF-16"),
    ("UTF-16", GOOD.encode("utf-16-le"), 400, "UTF-16"),
    ("UTF-16, the other way", GOOD.encode("utf-16-be"), 400, "UTF-16"),
    ("gzip", gzip.compress(GOOD.encode()), 415, "gzip"),
    ("a text that holds JSON", json.dumps(GOOD), 400, "encoded twice"),
    ("a text", '"Oak"', 400, "object or an array"),
    ("NaN", '{"a": NaN}', 400, "NaN"),
    ("-Infinity", '{"a": -Infinity}', 400, "Infinity"),
    ("Python", "{'title': None}", 400, "single quotes"),
    ("True", '{"a": True}', 400, "True"),
    ("a trailing comma", '{"a": 1,}', 400, "comma"),
    ("a trailing comma in a list", '{"a": [1,]}', 400, "comma"),
    ("a comment", '{"a": 1 // one\n}', 400, "comments"),
    ("a second value", GOOD + GOOD, 400, "text after the value"),
    ("a cut body", '{"a": [1, 2', 400, "ends here"),
    ("a key twice", '{"a": 1, "a": 2}', 400, "duplicate key"),
    ("seventeen levels", "[" * 17 + "]" * 17, 400, "nested too deeply"),
    ("Latin-1", b'{"a": "\xe4"}', 400, "UTF-8"),
    ("blanks only", " \n", 400, "JSON body"),
    ("a number", "12", 400, "object or an array"),
]


with Stack(worker=False) as s:
    s.sign_up()
    for path in ("/v1/pins", "/v1/pins/imports/json", "/v1/webhooks"):
        for name, body, status, why in BODIES:
            got = s.api("POST", path, body, headers=HEAD)
            t.ok(got[0] == status and why in got[2]["detail"], f"POST {path}: {name} is named", got[2])
    got = s.api("POST", "/v1/pins", '{\n  "title": "äö",\n  "ä": nope\n}'.encode(), headers=HEAD)[2]["detail"]
    t.ok("line 3, column 8)" in got and "byte 29" in got, "the place is said in bytes, and in lines and characters", got)
    got = s.api("POST", "/v1/pins", GOOD, headers={**HEAD, "Content-Encoding": "GZIP"})
    t.ok(got[0] == 415 and "gzip" in got[2]["detail"], "Content-Encoding: gzip is a 415", got[2])
    got = s.api("POST", "/v1/pins", json.dumps(s.pin_body()), headers={**HEAD, "Content-Encoding": "identity"})
    t.equal(got[0], 201, "Content-Encoding: identity is no encoding")
    form = {"Content-Type": "multipart/form-data; boundary=x", "Content-Encoding": "br"}
    got = s.api("POST", "/v1/pins/imports/csv", b"--x--", headers=form)
    t.ok(got[0] == 415 and "br" in got[2]["detail"], "an encoded form is a 415", got[2])
    pin = s.call("POST", "/v1/pins", s.pin_body())["id"]
    got = s.api("POST", f"/v1/pins/{pin}/retry", "\n", headers={"Content-Type": "text/plain"})
    t.equal(got[0], 409, "a line end is no body")
    got = s.api("POST", "/v1/pins", s.pin_body(related_terms='["oak", "shelf"]'))
    t.ok(got[0] == 422 and "holds JSON" in str(got[2]), "a field that holds JSON in a text is named", got[2])
    got = s.api("POST", "/v1/webhooks", {"url": s.sink.url, "secret": "s" * 16, "events": '["pin.failed"]'})
    t.ok(got[0] == 422 and "holds JSON" in str(got[2]), "a list in a text, too", got[2])
    got = s.api("POST", "/v1/pins/imports/json", [json.dumps(s.pin_body())])
    t.ok(got[0] == 422 and "object" in str(got[2]), "a row that is a text is refused", got[2])
sys.exit(t.done())

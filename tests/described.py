"""Holds what the application answers against its own description, build/app/openapi.json: every test that
uses the harness checks it, so that a field, status or error code which is not described is seen.

    faults = described.load(build).faults("GET", "/v1/pins", None, 200, headers, raw)

Of what is sent, the names are checked when it was accepted. PINTEMPO_DESCRIBED=0 switches it off.
"""

import json
import os
import re
import urllib.parse

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
ITEMS = 25  # of a list, at each end


def load(build):
    path = os.path.join(build, "app", "openapi.json")
    if os.environ.get("PINTEMPO_DESCRIBED") == "0" or not os.path.exists(path):
        return None
    with open(path) as f:
        return Description(json.load(f))


def is_type(value, name):
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


class Description:
    def __init__(self, doc):
        self.doc = doc
        self.paths = [
            (re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), path)
            for path in sorted(doc["paths"], key=lambda p: (p.count("{"), p))
        ]

    def deref(self, node):
        while "$ref" in node:
            found = self.doc
            for part in node["$ref"].lstrip("#/").split("/"):
                found = found[part]
            node = found
        return node

    def item(self, path):
        for pattern, template in self.paths:
            if pattern.fullmatch(path):
                return template, self.doc["paths"][template]
        return None, None

    def faults(self, method, target, body, status, headers, raw):
        """What is not as described; body: the JSON that was sent, or None."""
        path, _, query = target.partition("?")
        template, item = self.item(urllib.parse.unquote(path))
        if item is None or not headers.get("X-Request-Id"):
            return []  # no route of ours, or the web server's own answer
        operation = item.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            return []
        found = [*self.answer_faults(operation, method, status, headers, raw)]
        if status < 300:
            found += self.request_faults(operation, query, body)
        return [f"{method} {template}: {status}: {fault}" for fault in found]

    def request_faults(self, operation, query, body):
        known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        if operation["x-strict-query"]:
            for name, _ in urllib.parse.parse_qsl(query):
                if name not in known and name != "_":
                    yield f"takes ?{name}"
        content = operation.get("requestBody", {}).get("content", {})
        schema = self.deref(content.get("application/json", {}).get("schema", {}))
        dry = operation["operationId"].endswith("_validate")  # a 200 tells of them
        if isinstance(body, dict) and schema.get("additionalProperties") is False and not dry:
            for name in set(body) - set(schema["properties"]):
                yield f"takes the field {name}"

    def answer_faults(self, operation, method, status, headers, raw):
        if str(status) not in operation["responses"]:
            yield f"no such status is described: {raw[:300]}"
            return
        answer = self.deref(operation["responses"][str(status)])
        for name in ("ETag", "Link", "X-Total-Count", "Location", "RateLimit"):
            if headers.get(name) and name not in answer["headers"] and status < 400:
                yield f"has a header {name}"
        kind = (headers.get("Content-Type") or "").split(";")[0]
        content = answer.get("content", {})
        if method == "HEAD" or status == 304:
            return
        if not raw:
            if content:
                yield "has no body"
        elif kind not in content:
            yield f"is {kind}"
        elif kind.endswith("json"):
            yield from self.check(content[kind]["schema"], json.loads(raw), "")

    def check(self, schema, value, at):
        schema = self.deref(schema)
        if "anyOf" in schema:
            tries = [list(self.check(one, value, at)) for one in schema["anyOf"]]
            if all(tries):
                yield from min(tries, key=len) if value is None else tries[0]
            return
        for part in schema.get("allOf", []):
            yield from self.check(part, value, at)
        if "const" in schema and value != schema["const"]:
            yield f"{at}: {value!r} is not {schema['const']!r}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at}: {value!r} is none of {schema['enum']}"
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(is_type(value, t) for t in types):
                yield f"{at}: {value!r} is not of type {'/'.join(types)}"
                return
        if isinstance(value, str):
            yield from self.check_text(schema, value, at)
        if isinstance(value, list) and "items" in schema:
            for i, one in enumerate(value[:ITEMS] + value[ITEMS:][-ITEMS:]):
                yield from self.check(schema["items"], one, f"{at}[{i}]")
        if isinstance(value, dict):
            yield from self.check_object(schema, value, at)

    @staticmethod
    def check_text(schema, value, at):
        if schema.get("format") == "uuid" and not UUID.fullmatch(value):
            yield f"{at}: {value!r} is no UUID"
        if schema.get("format") == "date-time" and not TIME.fullmatch(value):
            yield f"{at}: {value!r} is no time"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at}: {value!r} is not like {schema['pattern']}"

    def check_object(self, schema, value, at):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}.{name} is missing"
        known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, inner in value.items():
            if name in known:
                yield from self.check(known[name], inner, f"{at}.{name}")
            elif more is False:
                yield f"{at}.{name} is not described"
            elif isinstance(more, dict):
                yield from self.check(more, inner, f"{at}.{name}")

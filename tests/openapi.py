"""Validates JSON against Pinterest's OpenAPI document, as far as that document goes.

    spec = openapi.load()            # None when the document is not there; openapi.REASON says so
    faults = spec.response("POST", "/pins", 201, value)     # [] when it fits
    faults = spec.request("POST", "/pins", value)           # a JSON or form body, as an object

Covers $ref, type, nullable, required, enum, pattern, minLength, maxLength, minimum, maximum, minItems,
maxItems, items, properties, allOf, anyOf, oneOf (one of them must fit; a discriminator picks it) and
the formats date-time (Pinterest's, zone optional) and date. Unknown fields are allowed.
The document is searched in $PINTEMPO_SHARED/contract and in ../shared/contract beside the sources.
"""

import json
import os
import re

NAME = "pinterest-openapi-5.23.0.json"
TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
REASON = NAME + " is not here (set PINTEMPO_SHARED to the folder that has contract/" + NAME + ")"
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$")
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def load():
    folders = [os.environ.get("PINTEMPO_SHARED"), os.path.join(TOP, "..", "shared")]
    for folder in filter(None, folders):
        path = os.path.join(folder, "contract", NAME)
        if os.path.exists(path):
            with open(path) as f:
                return Spec(json.load(f))
    return None


class Spec:
    def __init__(self, doc):
        self.doc = doc

    def deref(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.doc
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operation(self, method, path):
        """The operation of a concrete path: /pins/123 finds /pins/{pin_id}."""
        for template, item in self.doc["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path):
                if method.lower() in item and (template == path or path not in self.doc["paths"]):
                    return item[method.lower()]
        return None

    def response(self, method, path, status, value):
        operation = self.operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in the document"]
        responses = operation["responses"]
        answer = self.deref(responses.get(str(status)) or responses.get("default"))
        if answer is None:
            return [f"status {status} is not declared"]
        content = answer.get("content", {}).get("application/json")
        if content is None:
            return [] if value in (None, "", b"") else ["a body where none is declared"]
        return self.check(content["schema"], value)

    def request(self, method, path, value):
        operation = self.operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in the document"]
        content = self.deref(operation.get("requestBody", {})).get("content", {})
        if not content:
            return [] if value is None else ["a body where none is declared"]
        return self.check(next(iter(content.values()))["schema"], value)

    def check(self, schema, value, at="$"):
        """Every fault as "place: what"."""
        schema = self.deref(schema)
        if value is None:
            return [] if self.nullable(schema) else [f"{at}: null"]
        faults = self.check_type(schema, value, at)
        if faults:
            return faults
        faults = self.check_scalar(schema, value, at)
        if isinstance(value, list):
            faults += self.check_array(schema, value, at)
        if isinstance(value, dict):
            faults += self.check_object(schema, value, at)
        for part in schema.get("allOf", []):
            faults += self.check(part, value, at)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                faults += self.check_choice(schema, schema[word], value, at)
        return faults

    def nullable(self, schema):
        if "nullable" in schema:
            return schema["nullable"]
        if schema.get("allOf"):
            return all(self.nullable(self.deref(s)) for s in schema["allOf"])
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return any(self.nullable(self.deref(s)) for s in choices)
        return "type" not in schema and "enum" not in schema and "properties" not in schema

    def check_type(self, schema, value, at):
        kind = schema.get("type")
        if kind is None:
            return []
        good = isinstance(value, TYPES[kind])
        if kind in ("integer", "number") and isinstance(value, bool):
            good = False
        return [] if good else [f"{at}: {type(value).__name__} instead of {kind}"]

    def check_scalar(self, schema, value, at):
        faults = []
        if "enum" in schema and value not in schema["enum"]:
            faults.append(f"{at}: {value!r} is not one of {schema['enum']}")
        if isinstance(value, str):
            if "pattern" in schema and not re.search(schema["pattern"], value):
                faults.append(f"{at}: {value!r} does not match {schema['pattern']}")
            if len(value) > schema.get("maxLength", len(value)):
                faults.append(f"{at}: longer than {schema['maxLength']}")
            if len(value) < schema.get("minLength", 0):
                faults.append(f"{at}: shorter than {schema['minLength']}")
            if schema.get("format") == "date-time" and not DATE_TIME.match(value):
                faults.append(f"{at}: {value!r} is no date-time")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if value < schema.get("minimum", value):
                faults.append(f"{at}: below {schema['minimum']}")
            if value > schema.get("maximum", value):
                faults.append(f"{at}: above {schema['maximum']}")
        return faults

    def check_array(self, schema, value, at):
        faults = []
        if len(value) > schema.get("maxItems", len(value)):
            faults.append(f"{at}: more than {schema['maxItems']} items")
        if len(value) < schema.get("minItems", 0):
            faults.append(f"{at}: fewer than {schema['minItems']} items")
        for i, item in enumerate(value):
            faults += self.check(schema.get("items", {}), item, f"{at}[{i}]")
        return faults

    def check_object(self, schema, value, at):
        faults = [f"{at}: {n} is missing" for n in schema.get("required", []) if n not in value]
        for name, part in schema.get("properties", {}).items():
            if name in value:
                faults += self.check(part, value[name], f"{at}.{name}")
        return faults

    def check_choice(self, schema, choices, value, at):
        pick = schema.get("discriminator", {})
        mapping = pick.get("mapping", {})
        if isinstance(value, dict) and value.get(pick.get("propertyName")) in mapping:
            return self.check({"$ref": mapping[value[pick["propertyName"]]]}, value, at)
        tried = [self.check(choice, value, at) for choice in choices]
        if any(not faults for faults in tried):
            return []
        return [f"{at}: fits none of {len(choices)}: {min(tried, key=len)[0]}"]

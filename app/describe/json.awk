# Writes what read.awk has read as an OpenAPI 3.1 document: awk -v version=0.1.0 -f read.awk -f json.awk ...
# mawk cuts what printf and sprintf make at 8 KB, so neither is used here.
END {
    check_all()
    print "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Pintempo\",\"version\":" js(version) ","
    print "\"summary\":" js(summary) ",\"description\":" js(about) ",\"license\":{\"name\":\"ISC\",\"identifier\":\"ISC\"}},"
    print "\"servers\":[{\"url\":\"/\",\"description\":\"Where this document is served.\"}],"
    print "\"tags\":[" 
    for (i = 1; i <= tag_count; i++) print (i > 1 ? "," : "") "{\"name\":" js(tags[i]) ",\"description\":" js(tag_text[tags[i]]) "}"
    print "],\"paths\":{"
    for (i = 1; i <= def_count; i++) write_route(defs[i])
    print "}},\"webhooks\":{"
    for (i = 1; i <= event_count; i++) write_event(i, events[i])
    print "},\"components\":{\"securitySchemes\":{"
    print "\"key\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\",\"description\":\"An API key of a project.\"},"
    print "\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An API key, or a session token of POST /v1/auth/login.\"},"
    print "\"session\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"A session token of POST /v1/auth/login; API keys are refused.\"}},"
    write_headers()
    print ",\"responses\":{"
    for (i = 1; i <= shared_count; i++) write_shared(i, shared[i])
    print "},\"schemas\":{"
    for (i = 1; i <= enum_count; i++) print (i > 1 ? "," : "") js(enums[i]) ":{\"type\":\"string\",\"description\":" js(enum_text[enums[i]]) ",\"enum\":" js_list(enum[enums[i]]) "}"
    for (i = 1; i <= object_count; i++) write_object(objects[i])
    print "}}}"
    if (faults) exit 1
}
function js(s) {
    gsub(/\\/, "\\\\", s)
    gsub(/"/, "\\\"", s)
    gsub(/\t/, " ", s)
    return "\"" s "\""
}
function js_list(words,   n, w, i, out) {
    n = split(trim(words), w, /[ |]+/)
    for (i = 1; i <= n; i++) out = out (i > 1 ? "," : "") js(w[i])
    return "[" out "]"
}
function bounds(low, high, lo, hi) {
    return (lo != "" ? "," low ":" lo : "") (hi != "" ? "," high ":" hi : "")
}
# The members of a schema, without its braces.
function schema(type, null, lo, hi, asked, optional,   base, more, item) {
    if (type ~ /^\[.*\]$/) {
        item = substr(type, 2, length(type) - 2)
        if (asked && hi == "" && (item in enum)) hi = split(trim(enum[item]), base_words, / +/)
        return typed("array", null) ",\"items\":{" inner(item, asked) "}" bounds("\"minItems\"", "\"maxItems\"", lo, hi)
    }
    if (type ~ /^\{.*\}$/) return typed("object", null) ",\"additionalProperties\":{" inner(substr(type, 2, length(type) - 2), asked) "}"
    if (type ~ /^"/) return null ? "\"enum\":[" type ",null]" : "\"const\":" type
    if (type ~ /\|/) return "\"enum\":" (null ? substr(js_list(type), 1, length(js_list(type)) - 1) ",null]" : js_list(type))
    if ((type in is_object) || (type in enum)) {
        base = "\"$ref\":" js("#/components/schemas/" type)
        return null ? "\"anyOf\":[{" base "},{\"type\":\"null\"}]" : base
    }
    if (type == "int") return typed("integer", null) bounds("\"minimum\"", "\"maximum\"", lo, hi)
    if (type == "number") return typed("number", null) bounds("\"minimum\"", "\"maximum\"", lo, hi)
    if (type == "bool") return typed("boolean", null)
    if (type == "object") return typed("object", null)
    if (type == "any") return "\"description\":\"Any value.\""
    if (type == "color") lo = hi = ""
    if (asked && type ~ /^(text|prose|key|password|secret|email)$/) { more = text_pattern(optional == "query" && type != "password" ? "key" : type, null || optional); if ((null || optional) && lo <= 1) lo = "" }
    if (type == "name") { type = "text"; more = text_pattern(type, 0) }
    if (type == "uuid") more = ",\"format\":\"uuid\""
    else if (type == "time") more = ",\"format\":\"date-time\""
    else if (type == "date") more = ",\"format\":\"date\""
    else if (type == "code") more = ",\"pattern\":\"^[a-z0-9_]+$\""
    else if (type == "url") { more = ",\"format\":\"uri\""; if (asked) more = more ",\"pattern\":\"^https?://[^/?#]\""; if (asked && hi == "") hi = number("URL_MAX") }
    else if (type == "email") more = more ",\"format\":\"idn-email\""
    else if (type == "password" || type == "secret") more = more ",\"format\":\"password\""
    else if (type == "color") more = ",\"pattern\":\"^(#?[0-9A-Fa-f]{6})?$\""
    else if (type == "digits") more = ",\"pattern\":\"^[1-9][0-9]*$\""
    else if (type !~ /^(text|prose|key|string)$/) fail("no such type: " type)
    return typed("string", null) more bounds("\"minLength\"", "\"maxLength\"", lo, hi)
}
# The rule of lib/text.h, but for characters beyond U+FFFF. What is required shows something.
function text_pattern(type, optional,   bad, unseen, no) {
    if (type == "password") return ",\"pattern\":\"^[^\\\\u0000]*$\""
    no = type ~ /^(text|prose)$/ ? "\\\\u0000-\\\\u0008\\\\u000c\\\\u000e-\\\\u001f" : "\\\\u0000-\\\\u001f"
    bad = no "\\\\u007f-\\\\u009f\\\\u202a-\\\\u202e\\\\u2066-\\\\u206f\\\\ufdd0-\\\\ufdef\\\\ufff9-\\\\ufffb\\\\ufffe\\\\uffff"
    unseen = "\\\\u0009-\\\\u000d\\\\u0020\\\\u00a0\\\\u00ad\\\\u034f\\\\u061c\\\\u115f\\\\u1160\\\\u1680\\\\u17b4\\\\u17b5\\\\u180b-\\\\u180f\\\\u2000-\\\\u200f\\\\u2028\\\\u2029\\\\u202f\\\\u205f-\\\\u206f\\\\u2800\\\\u3000\\\\u3164\\\\ufe00-\\\\ufe0f\\\\ufeff\\\\uffa0\\\\ufff0-\\\\ufff8"
    if (type == "secret") return ",\"pattern\":\"^[^" bad unseen "]([^" bad "]*[^" bad unseen "])?$\""
    if (optional) return ",\"pattern\":\"^[^" bad "]*$\""
    return ",\"pattern\":\"^[^" bad "]*[^" bad unseen "][^" bad "]*$\""
}
function typed(t, null) { return "\"type\":" (null ? "[\"" t "\",\"null\"]" : "\"" t "\"") }
function inner(spec, asked) { read_type(spec); return schema(type, nullable == "?", lo, hi, asked) }
function value(type, text) { return type ~ /^(int|number|bool)$/ ? text : type ~ /^\[/ ? js_list(text) : js(text) }
function field_schema(id, asked,   out, t) {
    t = field_type[id]
    out = schema(t, field_null[id], field_lo[id], field_hi[id], asked)
    if (field_text[id] != "") out = out ",\"description\":" js(field_text[id])
    if (field_def[id] != "") out = out ",\"default\":" value(t, field_def[id])
    return "{" out "}"
}
function write_object(name,   i, n, w, id, required, asked) {
    asked = is_object[name] == "body"
    print "," js(name) ":{\"type\":\"object\",\"description\":" js(object_text[name]) ",\"properties\":{"
    for (i = 1; i <= field_count[name]; i++) {
        id = name SUBSEP i
        print (i > 1 ? "," : "") js(field_name[id]) ":" field_schema(id, asked)
        if (!field_optional[id]) required = required " " field_name[id]
    }
    n = split(trim(required), w, / +/)
    print "}" (asked && name ~ /Patch$/ && n < field_count[name] ? ",\"minProperties\":" n + 1 : "") (required != "" ? ",\"required\":" js_list(required) : "") (!asked || body_strict[name] ? ",\"additionalProperties\":false" : "") "}"
}
function write_headers() {
    print "\"headers\":{"
    print "\"X-Request-Id\":{\"description\":\"Names the request in the logs.\",\"schema\":{\"type\":\"string\"}},"
    print "\"RateLimit-Policy\":{\"description\":\"How many requests the credential may send.\",\"schema\":{\"type\":\"string\"}},"
    print "\"RateLimit\":{\"description\":\"How many are left.\",\"schema\":{\"type\":\"string\"}},"
    print "\"Retry-After\":{\"description\":\"Seconds.\",\"schema\":{\"type\":\"integer\"}},"
    print "\"ETag\":{\"description\":\"Of this answer; send it as If-None-Match, or as If-Match with a change.\",\"schema\":{\"type\":\"string\"}},"
    print "\"X-Total-Count\":{\"description\":\"All matches, if they are known.\",\"schema\":{\"type\":\"integer\"}},"
    print "\"Link\":{\"description\":\"Other pages: rel=\\\"next\\\", rel=\\\"first\\\".\",\"schema\":{\"type\":\"string\"}},"
    print "\"Location\":{\"description\":\"Where to go on.\",\"schema\":{\"type\":\"string\",\"format\":\"uri-reference\"}},"
    print "\"Idempotent-Replayed\":{\"description\":\"`true`: the stored reply of an earlier request.\",\"schema\":{\"type\":\"string\"}}}"
}
function header(name) { return js(name) ":{\"$ref\":" js("#/components/headers/" name) "}" }
function parameter(name, place, required, spec, said,   out) {
    read_type(spec)
    out = "{\"name\":" js(name) ",\"in\":\"" place "\"" (required ? ",\"required\":true" : "")
    if (said != "") out = out ",\"description\":" js(said)
    return out ",\"schema\":{" schema(type, 0, lo, hi, 1, required ? "" : "query") (def != "" ? ",\"default\":" value(type, def) : "") "}}"
}
function parameters(key,   n, w, i, out, rest, name) {
    rest = route_path[key]
    while (match(rest, /\{[a-z_]+\}/)) {
        name = substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        out = out ",\n" parameter(name, "path", 1, ((key, name) in path_type) ? path_type[key, name] : (name in param) ? param[name] : "uuid", ((key, name) in path_type) ? path_text[key, name] : param_text[name])
    }
    n = split(query_names[key], w, / +/)
    for (i = 1; i <= n; i++) if (w[i] != "") {
        rest = query[key, w[i]]
        out = out ",\n" parameter(w[i], "query", sub(/^required /, "", rest), rest, query_text[key, w[i]])
    }
    if (route_flag[key, "etag"] && changes(key)) out = out ",\n{\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"The ETag that GET answered: 412 if it has changed since.\",\"schema\":{\"type\":\"string\"}}"
    else if (route_flag[key, "etag"]) out = out ",\n{\"name\":\"If-None-Match\",\"in\":\"header\",\"description\":\"The ETag of an earlier answer: 304 if it is still the same.\",\"schema\":{\"type\":\"string\"}}"
    if (takes_key(key)) out = out ",\n{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":\"Repeats the request safely: the reply is stored for 24 hours.\",\"schema\":{\"type\":\"string\",\"maxLength\":255,\"pattern\":\"^[!-+.-~-]*$\"}}"
    return substr(out, 3)
}
function takes_key(key) {
    return key ~ /^POST \/v1\// && def_access[key] != "PUBLIC" && !(def_access[key] == "ANY" && def_scope[key] == "R")
}
function request_body(key,   t, form) {
    t = takes[key]
    if (t == "") return ""
    if (t ~ /^multipart /) return ",\"requestBody\":{\"required\":true,\"content\":{\"multipart/form-data\":{\"schema\":{" inner(substr(t, 11), 1) "}}}}"
    return ",\"requestBody\":{\"required\":" (def_body[key] == "MAYBE" ? "false" : "true") ",\"content\":{\"application/json\":{\"schema\":{" inner(t, 1) "}}}}"
}
function answer_headers(key, status,   out) {
    out = header("X-Request-Id")
    if (def_access[key] != "PUBLIC") out = out "," header("RateLimit-Policy") "," header("RateLimit")
    if ((status == 200 || status == 304) && route_flag[key, "etag"]) out = out "," header("ETag")
    if ((status == 200 || status == 304) && route_flag[key, "paged"]) out = out "," header("X-Total-Count") "," header("Link")
    if (status == 302 || status == 303) out = out "," header("Location")
    if (takes_key(key)) out = out "," header("Idempotent-Replayed")
    return "\"headers\":{" out "}"
}
# The operations that take the id of what this one makes.
function links(key, type,   i, k, w, n, out, pattern) {
    if (!((type, "id") in field_at) || key !~ /^POST /) return ""
    pattern = key
    sub(/^POST /, "", pattern)
    for (i = 1; i <= def_count; i++) {
        k = defs[i]
        if (index(k, " " pattern "/{}") == 0) continue
        n = split(k, w, /\{\}/)
        if (n > 2 || !match(route_path[k], /\{[a-z_]+\}/)) continue
        out = out "," js(def_handler[k]) ":{\"operationId\":" js(def_handler[k]) ",\"parameters\":{" js(substr(route_path[k], RSTART + 1, RLENGTH - 2)) ":\"$response.body#/id\"}}"
    }
    return out != "" ? ",\"links\":{" substr(out, 2) "}" : ""
}
function write_answers(key,   i, k, id, n, w, status, content, said, more) {
    print ",\"responses\":{"
    for (i = 1; i <= answer_count[key]; i++) {
        id = key SUBSEP i
        status = answer_status[id]
        if (i > 1 && status == answer_status[key, i - 1]) continue
        content = more = ""
        said = answer_text[id]
        for (k = i; k <= answer_count[key] && answer_status[key, k] == status; k++) if (answer_type[key, k] != "") content = content "," one_content(answer_type[key, k])
        if (content != "") more = ",\"content\":{" substr(content, 2) "}" links(key, answer_type[id])
        print (i > 1 ? "," : "") "\"" status "\":{\"description\":" js(said != "" ? said : "Done.") "," answer_headers(key, status) more "}"
    }
    if (route_flag[key, "etag"] && !changes(key)) print ",\"304\":{\"description\":\"Not changed: no body.\"," answer_headers(key, 304) "}"
    n = split(sorted_words(refusals[key]), w, / /)
    for (i = 1; i <= n; i++) print (i > 1 || answer_count[key] > 0 ? "," : "") "\"" w[i] "\":{\"$ref\":" js("#/components/responses/" share(w[i] (route_flag[key, "page"] ? "p" : ""), refusal[key, w[i]])) "}"
    print "}}"
}
function one_content(t) {
    if (t == "csv") return "\"text/csv\":{\"schema\":{\"type\":\"string\"}}"
    if (t == "html") return "\"text/html\":{\"schema\":{\"type\":\"string\"}}"
    if (t == "php") return "\"text/plain\":{\"schema\":{\"type\":\"string\"}}"
    if (t == "css") return "\"text/css\":{\"schema\":{\"type\":\"string\"}}"
    return "\"application/json\":{\"schema\":{" inner(t, 0) "}}"
}
function sorted_words(words,   n, w, i, k, t, out) {
    n = split(words, w, / /)
    for (i = 2; i <= n; i++) for (k = i; k > 1 && w[k - 1] > w[k]; k--) { t = w[k]; w[k] = w[k - 1]; w[k - 1] = t }
    for (i = 1; i <= n; i++) out = out (i > 1 ? " " : "") w[i]
    return out
}
# One response for all routes that refuse alike; its name says what it is.
function share(status, codes,   name) {
    codes = sorted_words(codes)
    name = status "_" codes
    gsub(/ /, ".", name)
    if (!(name in shared_codes)) { shared_codes[name] = codes; shared[++shared_count] = name }
    return name
}
function write_shared(i, name,   status, n, w, k, said) {
    status = substr(name, 1, 3)
    n = split(shared_codes[name], w, / /)
    for (k = 1; k <= n; k++) said = said (k > 1 ? " " : "") "`" w[k] "`: " error_text[status " " w[k]] "."
    print (i > 1 ? "," : "") js(name) ":{\"description\":" js(said) ",\"headers\":{" header("X-Request-Id") (status == 429 || status == 503 ? "," header("Retry-After") : "") "},"
    print "\"content\":{\"application/problem+json\":{\"schema\":{\"allOf\":[{\"$ref\":\"#/components/schemas/Problem\"},{\"properties\":{\"status\":{\"const\":" status "},\"code\":{\"enum\":" js_list(shared_codes[name]) "}}}]}}" (name ~ /^...p/ ? ",\"text/html\":{\"schema\":{\"type\":\"string\"}}" : "") "}}"
}
function security(key) {
    if (def_access[key] == "PUBLIC") return "[]"
    if (def_access[key] == "SESSION") return "[{\"session\":[]}]"
    return "[{\"key\":[]},{\"bearer\":[]}]"
}
function scope_name(s) { return s == "R" ? "read" : s == "W" ? "write" : s == "D" ? "destructive" : "none" }
function write_route(key,   method, said) {
    method = tolower(substr(key, 1, index(key, " ") - 1))
    if (route_path[key] != last_path) {
        print (last_path != "" ? "}," : "") js(route_path[key]) ":{"
        last_path = route_path[key]
    } else print ","
    said = route_text[key] "." (route_more[key] != "" ? " " route_more[key] : "")
    print js(method) ":{\"operationId\":" js(def_handler[key]) ",\"tags\":[" js(route_tag[key]) "],\"summary\":" js(route_text[key]) ",\"description\":" js(said) ","
    print "\"security\":" security(key) ",\"x-scope\":" js(scope_name(def_scope[key])) ",\"x-permission\":" js(tolower(def_permission[key])) ",\"x-size\":" js(tolower(def_size[key])) ",\"x-strict-query\":" (has(def_query[key], "*") ? "false" : "true")
    if ((said = parameters(key)) != "") print ",\"parameters\":[" said "]"
    print request_body(key)
    write_answers(key)
}
function write_event(i, name) {
    print (i > 1 ? "," : "") js(name) ":{\"post\":{\"operationId\":" js("on_" event_id(name)) ",\"tags\":[\"Webhooks\"],\"summary\":" js(event_text[name]) ",\"security\":[],"
    print "\"parameters\":[" event_header("X-PinBridge-Signature", "Hex HMAC-SHA256 of the raw body under the secret.") "," event_header("X-PinBridge-Event", "The type of the event.") "," event_header("X-PinBridge-Delivery-ID", "Of this delivery.") "," event_header("webhook-id", "Of the event, the same for every attempt.") "," event_header("webhook-timestamp", "Seconds since 1970, of this attempt.") "," event_header("webhook-signature", "Standard Webhooks: `v1,` and base64 HMAC-SHA256 of `id.timestamp.body`, one for each secret that signs.") "],"
    print "\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"$ref\":" js("#/components/schemas/" event_object[name]) "}}}},"
    print "\"responses\":{\"2XX\":{\"description\":\"Taken; anything else is tried again.\"},\"410\":{\"description\":\"Never send anything again: disables the webhook.\"}}}}"
}
function event_id(name) { gsub(/\./, "_", name); return name }
function event_header(name, said) { return "{\"name\":" js(name) ",\"in\":\"header\",\"required\":true,\"description\":" js(said) ",\"schema\":{\"type\":\"string\"}}" }

# Reads what the API is: routes.def, limit.def, the C sources and the descriptions app/api/*.api. Fails
# when they differ. json.awk and html.awk write it. A description has, at the left edge:
#   tag NAME: TEXT                    what the routes below it are about; the text only once
#   param NAME TYPE: TEXT             a query or path parameter that several routes take
#   enum NAME = a b c: TEXT           named values,
#   enum NAME from FILE ANCHOR: TEXT  or all lower-case literals between the line of FILE that holds
#                                     ANCHOR and the next one that ends a list or macro; `= a b`
#                                     behind it adds others
#   object NAME from FUNCTIONS: TEXT  what these functions put (json_put_...) into an answer
#   body NAME from FUNCTIONS: TEXT    what these functions read (json_text() and so on) of a body; all
#                                     that is optional may be null
#   internal FUNCTIONS: TEXT          they put or read other JSON than the API's
#   error STATUS CODE: TEXT           ("web" behind CODE: only web servers send it)
#   event NAME OBJECT: TEXT           the body of a webhook
#   route METHOD /path/{parameter}: TEXT
# and indented below an object or body a line for each field, below a route one for each part:
#   name TYPE: TEXT                   a field; "name?": it may be missing; "TYPE?": it may be null;
#                                     "TYPE!": it may not, though it is optional
#   +NAME                             all fields of that object or body
#   -name                             a field that is read only to be refused
#   ?name [TYPE: TEXT]                a query parameter; without a type: as in its param line
#   -?name                            one that is read only to be refused
#   {name} TYPE: TEXT                 a parameter of the path, if its param line does not fit
#   takes TYPE | takes multipart NAME the body
#   200 TYPE | 204 | 200 csv html css php | 302      what it answers
#   409 CODE CODE                     refusals beyond those that all routes of its kind have
#   etag | paged | secret             it has an ETag, or a change takes If-Match; X-Total-Count and Link; a text that is shown once
#   refused                           it has no answer but its refusals
#   upstream | page                   it asks Pinterest; browsers get a page where it refuses
#   | TEXT                            more to read
# TYPE: text prose key password secret color url string uuid time date code int number bool digits email object any, a
# "text", name (a text that may be left out but not emptied), the name of an object, body or enum, a|b|c, [TYPE] for a
# list, {TYPE} for a map; behind it limits as 1..255 (numbers, or the names of macros in the sources) and a default as = 50.
function fail(why) {
    if (++faults > 30) exit 1
    print where ": " why > "/dev/stderr"
}
function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s); return s }
# The text of a C number, product or macro.
function number(text,   n, part, i, p) {
    if (text == "" || text ~ /^-?[0-9.]+$/) return text
    if (!(text in macro)) { fail("no macro is called " text); return text }
    n = split(macro[text], part, /\*/)
    for (i = p = 1; i <= n; i++) {
        gsub(/[()LU ]/, "", part[i])
        p *= number(part[i])
    }
    return p ""
}

# ---- the sources ----
FNR == 1 {
    flush_function()
    file = FILENAME
    sub(/^.*\/(app|lib)\//, "", file)
    sub(/^(app|lib)\//, "", file)
    is_source = FILENAME ~ /\.[ch]$/
    is_api = FILENAME ~ /\.api$/
    in_block = ""
}
{ where = FILENAME ":" FNR }
is_source && /^#define [A-Z_0-9]+ [0-9(]/ {
    line = $0
    sub(/\/\*.*/, "", line)
    sub(/^#define [A-Z_0-9]+ /, "", line)
    if (line ~ /^[0-9LU() *]+$/) macro[$2] = trim(line)
}
is_source { source_line[file, FNR] = $0; source_lines[file] = FNR }
is_source && /^[a-z_][a-z_0-9]*\(/ && !/;$/ { flush_function(); cur = $0; sub(/\(.*/, "", cur) }
is_source && cur != "" {
    line = $0
    gsub(/\/\*[^*]*\*\//, "", line)
    text = text " " trim(line)
}
is_source && /^}/ { flush_function() }
is_source { next }

function flush_function() {
    if (cur != "") {
        function_file[cur] = file
        scan_puts()
        scan_reads()
        scan_errors()
    }
    cur = text = ""
}
function scan_puts(   rest, call, name) {
    rest = text
    while (match(rest, /[a-z_]*put[a-z_]*\([a-z_>-]+, *"[A-Za-z_0-9]+"/)) {
        call = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        name = call
        sub(/^[^"]*"/, "", name)
        sub(/"$/, "", name)
        sub(/\(.*/, "", call)
        puts[cur] = puts[cur] " " name
        put_kind[cur, name] = call
    }
}
function scan_reads(   rest, call, name, kind, n, arg) {
    rest = text
    if (rest ~ /json_known\(/) strict[cur] = 1
    if (match(rest, /known\[\] = \{[^}]*\}/)) {
        call = substr(rest, RSTART, RLENGTH)
        while (match(call, /"[a-z_]+"/)) {
            known[cur] = known[cur] " " substr(call, RSTART + 1, RLENGTH - 2)
            call = substr(call, RSTART + RLENGTH)
        }
    }
    while (match(rest, /(json_[a-z]+|list_read_names)\(&?r, *"[a-z_0-9]+"[^()]*/)) {
        call = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        kind = name = call
        sub(/\(.*/, "", kind)
        sub(/^[^"]*"/, "", name)
        sub(/".*/, "", name)
        sub(/^[^"]*"[^"]*"/, "", call)
        if (kind !~ /^(json_(text|prose|key|password|email|url|flag|whole|uuid|time|array)|list_read_names)$/) continue
        n = split(call, arg, /, */)
        reads[cur] = reads[cur] " " name
        read_kind[cur, name] = kind
        read_need[cur, name] = arg[2]
        if (kind ~ /^json_(text|prose|key|password|whole|array)$/ && n >= 4) {
            read_min[cur, name] = trim(arg[3])
            read_max[cur, name] = trim(arg[4])
        }
        if (kind == "json_email") { read_min[cur, name] = 3; read_max[cur, name] = "EMAIL_MAX" }
    }
}
function scan_errors(   rest, call, status, code) {
    rest = text
    gsub(/\.code = /, "", rest)
    gsub(/\.status = /, "status(p, ", rest)
    while (match(rest, /(problem_set|reply_error|status)\([^,()]*, *[0-9]+, *"[a-z_]+"/)) {
        call = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        status = code = call
        sub(/^[^,]*, */, "", status)
        sub(/,.*/, "", status)
        sub(/^[^"]*"/, "", code)
        sub(/"$/, "", code)
        if (status >= 400) error_seen[status " " code] = cur
    }
    rest = text
    while (match(rest, /"[a-z_]+"/)) {
        literal[substr(rest, RSTART + 1, RLENGTH - 2)] = 1
        rest = substr(rest, RSTART + RLENGTH)
    }
}

# ---- routes.def and limit.def ----
/^ROUTE\(/ {
    line = $0
    sub(/^ROUTE\(/, "", line)
    sub(/\)[ \t]*$/, "", line)
    match(line, /"[^"]*"/)
    pattern = substr(line, RSTART + 1, RLENGTH - 2)
    line = substr(line, RSTART + RLENGTH + 2)
    method = $0
    sub(/^ROUTE\(/, "", method)
    sub(/,.*/, "", method)
    match(line, /"[^"]*"/)
    key = method " " pattern
    defs[++def_count] = key
    line_query = substr(line, RSTART + 1, RLENGTH - 2)
    gsub(/\+/, "", line_query)
    def_query[key] = line_query
    handler = substr(line, RSTART + RLENGTH + 1)
    def_handler[key] = trim(handler)
    split(substr(line, 1, RSTART - 1), part, /, */)
    def_access[key] = part[1]
    def_scope[key] = part[2]
    def_permission[key] = part[3]
    def_body[key] = part[4]
    def_size[key] = part[5]
    next
}
/^LIMIT\(/ { match($0, /"[^"]*"/); limit_name[++limit_count] = substr($0, RSTART + 1, RLENGTH - 2); next }

# ---- descriptions ----
!is_api || /^#/ || /^[ \t]*$/ { next }
# Cuts " : text" off what is read.
function cut_text(   at) {
    said = ""
    if ((at = index(rule, ": ")) > 0) { said = substr(rule, at + 2); rule = substr(rule, 1, at - 1) }
    sub(/:$/, "", rule)
}
/^[a-z]/ {
    rule = $0
    cut_text()
    n = split(rule, word, / +/)
    in_block = ""
    if (word[1] == "about") { summary = summary == "" ? substr($0, 7) : summary; about = about (about != "" ? " " : "") substr($0, 7) "." }
    else if (word[1] == "tag") begin_tag()
    else if (word[1] == "param") { param[word[2]] = substr(rule, length("param " word[2]) + 2); param_text[word[2]] = said }
    else if (word[1] == "enum") begin_enum()
    else if (word[1] == "object" || word[1] == "body") begin_object()
    else if (word[1] == "internal") for (i = 2; i <= n; i++) { internal[word[i]] = 1; if (!(word[i] in function_file)) fail("no function " word[i]) }
    else if (word[1] == "error") begin_error()
    else if (word[1] == "event") { events[++event_count] = word[2]; event_object[word[2]] = word[3]; event_text[word[2]] = said; uses[word[3]] = where }
    else if (word[1] == "route") begin_route()
    else fail("not a line of a description: " $0)
    next
}
{
    rule = trim($0)
    if (in_block == "object") add_field()
    else if (in_block == "route") add_part()
    else fail("an indented line that belongs to nothing")
}
function begin_tag() {
    tag = substr(rule, 5)
    if (said == "") return
    if (tag in tag_text) fail("said twice: " tag)
    tags[++tag_count] = tag
    tag_text[tag] = said
}
function begin_object(   i) {
    in_block = "object"
    name = word[2]
    if (name in is_object) fail("described twice: " name)
    objects[++object_count] = name
    is_object[name] = word[1]
    object_text[name] = said
    object_where[name] = where
    for (i = 4; i <= n; i++) {
        object_from[name] = object_from[name] " " word[i]
        if (!(word[i] in function_file)) fail("no function " word[i])
    }
}
function begin_enum(   i, on, line, lit, f) {
    name = word[2]
    if (name in enum) fail("described twice: " name)
    enums[++enum_count] = name
    enum_text[name] = said
    if (word[3] == "=") { for (i = 4; i <= n; i++) enum[name] = enum[name] " " word[i]; return }
    f = word[4]
    extra = ""
    if ((i = index(rule, " = ")) > 0) { extra = substr(rule, i + 3); rule = substr(rule, 1, i - 1); n = split(rule, word, / +/) }
    if (f == "limit.def") { for (i = 1; i <= limit_count; i++) enum[name] = enum[name] " " limit_name[i]; on = 9 }
    for (i = 1; i <= source_lines[f] && on < 2; i++) {
        line = source_line[f, i]
        if (!on && index(line, substr(rule, index(rule, f) + length(f) + 1)) > 0) on = 1
        if (!on) continue
        lit = line
        while (match(lit, /"[a-z_.]+"/)) {
            if (!((name, substr(lit, RSTART, RLENGTH)) in enum_has)) enum[name] = enum[name] " " substr(lit, RSTART + 1, RLENGTH - 2)
            enum_has[name, substr(lit, RSTART, RLENGTH)] = 1
            lit = substr(lit, RSTART + RLENGTH)
        }
        if (line ~ /;$/ || line ~ /^}/ || line ~ /NULL \}/ || (line !~ /\\$/ && source_line[f, i - 1] ~ /\\$/)) {
            if (enum[name] != "" && line !~ /: return/) on = 2
        }
    }
    if (enum[name] == "") fail("no values found for " name)
    enum[name] = enum[name] " " extra
}
function begin_error() {
    key = word[2] " " word[3]
    if (key in error_text) fail("described twice: " key)
    errors[++error_count] = key
    error_text[key] = said
    error_web[key] = word[4] == "web"
}
# Sets: type, nullable, lo, hi, def.
function read_type(spec,   at) {
    def = lo = hi = nullable = ""
    if ((at = index(spec, " = ")) > 0) { def = trim(substr(spec, at + 3)); spec = substr(spec, 1, at - 1) }
    if (match(spec, / [A-Z0-9_-]*\.\.[A-Z0-9_]*$/)) {
        lo = hi = substr(spec, RSTART + 1)
        spec = substr(spec, 1, RSTART - 1)
        sub(/\.\..*/, "", lo)
        sub(/.*\.\./, "", hi)
        lo = number(lo)
        hi = number(hi)
    }
    spec = trim(spec)
    if (spec ~ /[?!]$/) { nullable = substr(spec, length(spec)); spec = substr(spec, 1, length(spec) - 1) }
    type = spec
    note_uses(spec)
}
function note_uses(spec) {
    while (match(spec, /["A-Za-z_0-9]+/)) {
        if (substr(spec, RSTART, 2) ~ /^[A-Z][a-z]/) uses[substr(spec, RSTART, RLENGTH)] = where
        spec = substr(spec, RSTART + RLENGTH)
    }
}
function add_field(   f, i, id) {
    if (rule ~ /^\+/) {
        f = substr(rule, 2)
        if (!(f in is_object)) { fail("described later or never: " f); return }
        for (i = 1; i <= field_count[f]; i++) {
            field_count[name]++
            id = name SUBSEP field_count[name]
            copy_field(f SUBSEP i, id)
            field_at[name, field_name[id]] = field_count[name]
        }
        return
    }
    cut_text()
    f = rule
    if (f ~ /^-/) { refused_field[name, substr(f, 2)] = 1; return }
    sub(/ .*/, "", f)
    read_type(substr(rule, length(f) + 2))
    i = sub(/\?$/, "", f)
    if (!((name, f) in field_at)) field_at[name, f] = ++field_count[name]
    id = name SUBSEP field_at[name, f]
    if (i && is_object[name] == "body" && nullable == "") nullable = "?"
    field_name[id] = f
    field_optional[id] = i
    field_type[id] = type
    field_null[id] = nullable == "?"
    field_lo[id] = lo
    field_hi[id] = hi
    field_def[id] = def
    field_text[id] = said
}
function copy_field(a, b) {
    field_name[b] = field_name[a]
    field_optional[b] = field_optional[a]
    field_type[b] = field_type[a]
    field_null[b] = field_null[a]
    field_lo[b] = field_lo[a]
    field_hi[b] = field_hi[a]
    field_def[b] = field_def[a]
    field_text[b] = field_text[a]
}
function begin_route(   pattern) {
    in_block = "route"
    path = pattern = word[3]
    gsub(/\{[a-z_]*\}/, "{}", pattern)
    key = word[2] " " pattern
    if (key in route_path) fail("described twice: " key)
    if (!(key in def_access)) fail("not in routes.def: " key)
    route_path[key] = path
    route_text[key] = said
    route_tag[key] = tag
    if (said == "") fail("say what it does: " key)
}
function add_part(   w, one, k, status, i, id) {
    if (rule ~ /^\| /) { route_more[key] = route_more[key] (route_more[key] != "" ? " " : "") substr(rule, 3); return }
    if (rule ~ /^-\?/) { query[key, substr(rule, 3)] = "refused"; return }
    if (rule ~ /^\{/) {
        cut_text()
        one = substr(rule, 2)
        sub(/\}.*/, "", one)
        path_type[key, one] = trim(substr(rule, length(one) + 3))
        path_text[key, one] = said
        return
    }
    if (rule ~ /^\?/) {
        cut_text()
        one = substr(rule, 2)
        sub(/ .*/, "", one)
        query[key, one] = trim(substr(rule, length(one) + 2))
        query_text[key, one] = said
        query_names[key] = query_names[key] " " one
        return
    }
    cut_text()
    k = split(rule, w, / +/)
    if (w[1] == "takes") { takes[key] = trim(substr(rule, 7)); note_uses(takes[key]) }
    else if (w[1] ~ /^(etag|paged|secret|upstream|page|refused)$/) for (i = 1; i <= k; i++) route_flag[key, w[i]] = 1
    else if (w[1] ~ /^[123][0-9][0-9]$/) {
        answer_count[key]++
        id = key SUBSEP answer_count[key]
        answer_status[id] = w[1]
        answer_type[id] = trim(substr(rule, 4))
        answer_text[id] = said
        note_uses(answer_type[id])
    }
    else if (w[1] ~ /^[45][0-9][0-9]$/) for (i = 2; i <= k; i++) add_refusal(key, w[1], w[i])
    else fail("not a part of a route: " rule)
}
function add_refusal(key, status, code) {
    if (refusal[key, status] !~ ("(^| )" code "( |$)")) refusal[key, status] = trim(refusal[key, status] " " code)
    if (refusals[key] !~ ("(^| )" status "( |$)")) refusals[key] = trim(refusals[key] " " status)
}

# ---- what has to agree ----
function has(list, one) { return (" " list " ") ~ ("[ ]" one "[ ]") }
# Is the name a field of the object, or of one that it holds?
function in_object(name, field,   i, t, inner) {
    if ((name, field) in field_at) return 1
    if (looking[name]) return 0
    looking[name] = 1
    inner = 0
    for (i = 1; i <= field_count[name] && !inner; i++) {
        t = field_type[name, i]
        gsub(/[][{}?]/, "", t)
        sub(/ .*/, "", t)
        if (t in is_object) inner = in_object(t, field)
    }
    looking[name] = 0
    return inner
}
function check_objects(   o, i, n, f, k, m, w, of) {
    for (o = 1; o <= object_count; o++) {
        name = objects[o]
        where = object_where[name]
        n = split(object_from[name], of, / +/)
        for (i = 1; i <= n; i++) {
            if (of[i] == "") continue
            described[is_object[name], of[i]] = 1
            if (is_object[name] == "body") { check_body(name, of[i]); continue }
            m = split(puts[of[i]], w, / +/)
            for (k = 1; k <= m; k++)
                if (w[k] != "" && !in_object(name, w[k])) fail(name " lacks " w[k] ", which " of[i] "() puts")
        }
        if (is_object[name] == "body") check_names_read(name)
    }
    where = "app/api"
    for (f in puts) if (puts[f] != "" && !(("object", f) in described) && !(f in internal)) fail(function_file[f] ": " f "() puts" puts[f] ": of which object?")
    for (f in reads) if (reads[f] != "" && !(("body", f) in described) && !(f in internal)) fail(function_file[f] ": " f "() reads" reads[f] ": of which body?")
}
function kind_fits(kind, type) {
    if (kind == "json_flag") return type == "bool"
    if (kind == "json_whole") return type == "int"
    if (kind == "json_array" || kind == "list_read_names") return type ~ /^\[/
    sub(/^json_/, "", kind)
    return type == kind || (kind == "text" && type == "name") || (kind == "password" && type == "secret") || (kind == "key" && type ~ /^(color|digits|email|[a-zA-Z_]+\|.*|[A-Z][A-Za-z]*)$/)
}
function check_body(name, f,   m, w, k, id, min, max) {
    m = split(reads[f], w, / +/)
    for (k = 1; k <= m; k++) {
        if (w[k] == "") continue
        if ((name, w[k]) in refused_field) continue
        if (!((name, w[k]) in field_at)) { fail(name " lacks " w[k] ", which " f "() reads"); continue }
        id = name SUBSEP field_at[name, w[k]]
        if (!kind_fits(read_kind[f, w[k]], field_type[id])) fail(name "." w[k] " is " field_type[id] ", but " f "() reads it by " read_kind[f, w[k]] "()")
        if (read_need[f, w[k]] == "JSON_REQUIRED" && field_optional[id] && name !~ /Patch$/) fail(name "." w[k] " is not optional: " f "()")
        if (read_need[f, w[k]] == "JSON_OPTIONAL" && !field_optional[id]) fail(name "." w[k] " is optional: " f "()")
        min = read_min[f, w[k]]
        max = read_max[f, w[k]]
        if (max == "" || max ~ /[a-z]/ || (field_type[id] in enum)) continue
        if (number(max) != field_hi[id] || (number(min) != field_lo[id] && !(number(min) == 1 && field_lo[id] == ""))) fail(name "." w[k] " has limits " field_lo[id] ".." field_hi[id] ", in " f "() " min ".." max)
    }
}
# All that the decoder knows, and nothing else.
function check_names_read(name,   n, of, i, k, m, w, all, f) {
    n = split(object_from[name], of, / +/)
    for (i = 1; i <= n; i++) {
        if (strict[of[i]] || known[of[i]] != "" || decoder_fields[of[i]] != "") body_strict[name] = 1
        all = all " " known[of[i]] " " reads[of[i]] " " decoder_fields[of[i]]
    }
    m = split(all, w, / +/)
    for (k = 1; k <= m; k++) if (w[k] != "" && !((name, w[k]) in field_at) && !((name, w[k]) in refused_field)) fail(name " lacks " w[k])
    if (trim(all) == "") return
    for (k = 1; k <= field_count[name]; k++) {
        f = field_name[name, k]
        if (!has(all, f)) fail(name " has " f ", which is not read by" object_from[name])
    }
}
function check_routes(   i, k, n, w, key, q) {
    for (i = 1; i <= def_count; i++) {
        key = defs[i]
        where = "app/routes.def"
        if (!(key in route_path)) { fail(key " is described in no app/api/*.api"); continue }
        n = split(def_query[key], w, / +/)
        for (k = 1; k <= n; k++) if (w[k] != "" && w[k] != "*" && !((key, w[k]) in query)) fail(key ": describe ?" w[k])
        n = split(query_names[key], w, / +/)
        for (k = 1; k <= n; k++) {
            if (w[k] == "") continue
            if (!has(def_query[key], w[k])) fail(key " does not take ?" w[k])
            if (query[key, w[k]] != "") continue
            if (!(w[k] in param)) fail(key ": no param line for " w[k])
            query[key, w[k]] = param[w[k]]
            query_text[key, w[k]] = param_text[w[k]]
        }
        if (!(route_tag[key] in tag_text)) fail(key ": say what is meant by the tag " route_tag[key])
        if (def_body[key] ~ /^(JSON|ROWS|MULTIPART)$/ && takes[key] == "") fail(key ": what does it take?")
        if (def_body[key] == "NONE" && takes[key] != "") fail(key " takes no body")
        if ((answer_count[key] == 0) != (route_flag[key, "refused"] == 1)) fail(key ": what does it answer?")
        add_common(key)
        n = split(refusals[key], w, / /)
        for (k = 1; k <= n; k++) check_refusal(key, w[k])
    }
}
function check_refusal(key, status,   n, w, i) {
    n = split(refusal[key, status], w, / /)
    for (i = 1; i <= n; i++) if (!((status " " w[i]) in error_text)) fail(key ": no error line for " status " " w[i])
}
function changes(key) { return key !~ /^GET / && !(def_access[key] == "ANY" && def_scope[key] == "R") }
# What every route of its kind may answer.
function add_common(key,   access, post, i, n, w) {
    access = def_access[key]
    post = key ~ /^POST / && !(access == "ANY" && def_scope[key] == "R")
    if (key ~ /^GET \/(docs|openapi|healthz|$)/) return
    add_refusal(key, 400, "bad_request")
    add_refusal(key, 403, "webhook_loop")
    if (access != "PUBLIC") {
        add_refusal(key, 401, "unauthorized")
        add_refusal(key, 403, "forbidden")
        if (access != "SESSION") { add_refusal(key, 403, "insufficient_scope"); add_refusal(key, 403, "account_not_permitted") }
        add_refusal(key, 429, "rate_limited")
    }
    if (route_flag[key, "upstream"]) {
        n = split("403 pinterest_not_permitted,409 scope_missing,409 token_expired,409 token_revoked,422 account_revoked,422 validation_error,429 rate_limited,502 pinterest_unavailable,503 pinterest_unavailable,503 pinterest_not_configured", w, /,/)
        for (i = 1; i <= n; i++) add_refusal(key, substr(w[i], 1, 3), substr(w[i], 5))
    }
    if (key ~ /\{\}/) add_refusal(key, 404, "not_found")
    if (changes(key)) add_refusal(key, 412, "precondition_failed")
    add_refusal(key, 413, "payload_too_large")
    add_refusal(key, 415, "unsupported_media_type")
    if (def_body[key] != "NONE") {
        add_refusal(key, 408, "request_timeout")
        add_refusal(key, 422, "validation_error")
    }
    if (def_query[key] != "*") add_refusal(key, 422, "validation_error")
    if (post && def_body[key] != "NONE") { add_refusal(key, 409, "conflict"); add_refusal(key, 409, "plan_limit") }
    add_refusal(key, 414, "uri_too_long")
    add_refusal(key, 431, "headers_too_large")
    add_refusal(key, 500, "internal_error")
    add_refusal(key, 503, "service_unavailable")
}
function check_rest(   i, k, n, w, u) {
    for (u in uses) if (!(u in is_object) && !(u in enum)) { where = uses[u]; fail("nothing is called " u) }
    where = "app"
    for (k in error_seen) if (!(k in error_text)) fail(function_file[error_seen[k]] ": " error_seen[k] "() answers " k ": describe it by an error line")
    for (i = 1; i <= error_count; i++) {
        split(errors[i], w, / /)
        if (!error_web[errors[i]] && !(w[2] in literal)) fail("nothing answers " errors[i])
    }
    n = split(enum["EventType"], w, / +/)
    for (i = 1; i <= n; i++) if (w[i] != "" && !(w[i] in event_object)) fail("describe the event " w[i])
}
# The rows { "name", ... } of the table that a decoder of lib reads by.
function read_field_table(f, table,   i, on, line, one) {
    for (i = 1; i <= source_lines[f]; i++) {
        line = source_line[f, i]
        if (index(line, table) > 0) on = 1
        if (on && match(line, /\{ "[a-z_]+"/)) {
            one = substr(line, RSTART + 3, RLENGTH - 4)
            decoder_fields["pin_new_decode"] = decoder_fields["pin_new_decode"] " " one
            if (line !~ /", 0,/) decoder_fields["pin_patch_decode"] = decoder_fields["pin_patch_decode"] " " one
        }
        if (on && line ~ /^};/) return
    }
}
function check_all(   i, w) {
    flush_function()
    enum["ErrorCode"] = ""
    for (i = 1; i <= error_count; i++) {
        split(errors[i], w, / /)
        if (!has(enum["ErrorCode"], w[2])) enum["ErrorCode"] = enum["ErrorCode"] " " w[2]
    }
    enums[++enum_count] = "ErrorCode"
    enum_text["ErrorCode"] = "What an error is, for programs."
    read_field_table("pin_decode.c", "} fields[] = {")
    check_objects()
    check_routes()
    check_rest()
    if (faults) {
        print "The API is not described as it is: write app/api/*.api (docs/hacking.md, The description)" > "/dev/stderr"
        exit 1
    }
}

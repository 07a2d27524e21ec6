# Writes what read.awk has read as one page of HTML: awk -v version=0.1.0 -f read.awk -f html.awk ...
END {
    check_all()
    print "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Pintempo API " version "</title>"
    print "<meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"stylesheet\" href=\"docs/style.css\">\n</head>\n<body>"
    print "<header><h1>Pintempo API <small>" version "</small></h1>\n<p>" h(about) "</p>"
    print "<p>For programs: <a href=\"openapi.json\">openapi.json</a> (OpenAPI 3.1).</p></header>\n<nav><ul>"
    for (t = 1; t <= tag_count; t++) print "<li><a href=\"#" anchor(tags[t]) "\">" h(tags[t]) "</a>"
    print "<li><a href=\"#events\">Events</a><li><a href=\"#errors\">Errors</a><li><a href=\"#types\">Types</a></ul></nav>\n<main>"
    for (t = 1; t <= tag_count; t++) {
        print "<h2 id=\"" anchor(tags[t]) "\">" h(tags[t]) "</h2>\n<p>" h(tag_text[tags[t]]) ".</p>"
        for (i = 1; i <= def_count; i++) if (route_tag[defs[i]] == tags[t]) write_route(defs[i])
    }
    print "<h2 id=\"events\">Events</h2>\n<p>Posted to webhooks, signed.</p>\n<table>"
    for (i = 1; i <= event_count; i++) print "<tr><th><code>" h(events[i]) "</code><td>" type_html(event_object[events[i]]) "<td>" h(event_text[events[i]])
    print "</table>\n<h2 id=\"errors\">Errors</h2>\n<p>All have the form of " type_html("Problem") ".</p>\n<table>"
    for (i = 1; i <= error_count; i++) { split(errors[i], w, / /); print "<tr id=\"error-" w[1] "-" w[2] "\"><td>" w[1] "<th><code>" w[2] "</code><td>" h(error_text[errors[i]]) }
    print "</table>\n<h2 id=\"types\">Types</h2>"
    for (i = 1; i <= object_count; i++) write_object(objects[i])
    for (i = 1; i <= enum_count; i++) print "<h3 id=\"type-" enums[i] "\">" enums[i] "</h3>\n<p>" h(enum_text[enums[i]]) ": " words_html(enum[enums[i]]) "</p>"
    print "</main>\n</body>\n</html>"
    if (faults) exit 1
}
# Text with `code` in it.
function h(s,   n, part, i, out) {
    gsub(/&/, "\\&amp;", s)
    gsub(/</, "\\&lt;", s)
    gsub(/>/, "\\&gt;", s)
    gsub(/"/, "\\&quot;", s)
    n = split(s, part, /`/)
    for (i = 1; i <= n; i++) out = out (i % 2 ? part[i] : "<code>" part[i] "</code>")
    return out
}
function anchor(s) { s = tolower(s); gsub(/[^a-z0-9]/, "-", s); return s }
function words_html(words,   n, w, i, out) {
    n = split(trim(words), w, /[ |]+/)
    for (i = 1; i <= n; i++) out = out (i > 1 ? ", " : "") "<code>" h(w[i]) "</code>"
    return out
}
function type_html(spec) {
    read_type(spec)
    return kind_html(type) (nullable == "?" ? " or null" : "") bounds_html(lo, hi)
}
function kind_html(t) {
    if (t ~ /^\[.*\]$/) return "list of " type_html(substr(t, 2, length(t) - 2))
    if (t ~ /^\{.*\}$/) return "map of " type_html(substr(t, 2, length(t) - 2))
    if (t ~ /^"/) return "<code>" h(substr(t, 2, length(t) - 2)) "</code>"
    if (t ~ /\|/) return words_html(t)
    if ((t in is_object) || (t in enum)) return "<a href=\"#type-" t "\">" t "</a>"
    return t ~ /^(text|name|prose|key|password|secret|string)$/ ? "text" : h(t)
}
function bounds_html(lo, hi) { return lo hi != "" ? ", " lo (lo != "" && hi != "" ? " to " : lo != "" ? " and more" : "up to ") hi : "" }
function write_fields(name,   i, id) {
    print "<table>"
    for (i = 1; i <= field_count[name]; i++) {
        id = name SUBSEP i
        print "<tr><th><code>" h(field_name[id]) "</code>" (field_optional[id] ? " <i>optional</i>" : "") "<td>" kind_html(field_type[id]) (field_null[id] ? " or null" : "") bounds_html(field_lo[id], field_hi[id]) "<td>" h(field_text[id]) (field_def[id] != "" ? " Default: <code>" h(field_def[id]) "</code>" : "")
    }
    print "</table>"
}
function write_object(name) {
    print "<h3 id=\"type-" name "\">" name "</h3>\n<p>" h(object_text[name]) ".</p>"
    write_fields(name)
}
function access_html(key,   a) {
    a = def_access[key]
    if (a == "PUBLIC") return "Public."
    return (a == "SESSION" ? "A session" : "A session or API key") ", scope <code>" (def_scope[key] == "W" ? "write" : def_scope[key] == "D" ? "destructive" : "read") "</code>."
}
function write_route(key,   i, n, w, k, m, c, method, out, spec, must) {
    method = substr(key, 1, index(key, " ") - 1)
    print "<details id=\"" def_handler[key] "\"><summary><b class=\"" tolower(method) "\">" method "</b> <code>" h(route_path[key]) "</code> " h(route_text[key]) "</summary>"
    print "<p>" access_html(key) (route_more[key] != "" ? " " h(route_more[key]) : "") (route_flag[key, "etag"] && changes(key) ? " It takes <code>If-Match</code>." : "") (route_flag[key, "etag"] && !changes(key) ? " It has an <code>ETag</code>." : "") (route_flag[key, "paged"] ? " Pages: <code>Link</code>, <code>X-Total-Count</code>." : "") (route_flag[key, "secret"] ? " The answer holds a text that is shown once." : "") "</p>"
    n = split(trim(query_names[key]), w, / +/)
    if (n > 0) print "<table><caption>Query</caption>"
    for (i = 1; i <= n; i++) {
        spec = query[key, w[i]]
        must = sub(/^required /, "", spec)
        out = type_html(spec)
        print "<tr><th><code>" w[i] "</code>" (must ? "" : " <i>optional</i>") "<td>" out "<td>" h(query_text[key, w[i]]) (def != "" ? " Default: <code>" h(def) "</code>" : "")
    }
    if (n > 0) print "</table>"
    if (takes[key] != "") {
        spec = takes[key]
        must = sub(/^multipart /, "", spec)
        print "<p>Takes " (must ? "a form (<code>multipart/form-data</code>): " : "") type_html(spec) "</p>"
    }
    print "<table><caption>Answers</caption>"
    for (i = 1; i <= answer_count[key]; i++) print "<tr><th>" answer_status[key, i] "<td>" (answer_type[key, i] != "" ? type_html(answer_type[key, i]) : "") "<td>" h(answer_text[key, i])
    n = split(refusals[key], w, / /)
    for (i = 1; i <= n; i++) {
        out = ""
        m = split(refusal[key, w[i]], c, / /)
        for (k = 1; k <= m; k++) out = out (k > 1 ? ", " : "") "<a href=\"#error-" w[i] "-" c[k] "\"><code>" c[k] "</code></a>"
        print "<tr><th>" w[i] "<td colspan=\"2\">" out
    }
    print "</table></details>"
}

# Writes what read.awk has read as a client for PHP, behind app/describe/client.php:
#   awk -v version=0.1.0 -f read.awk -f php.awk ...
END {
    check_all()
    print "\nconst VERSION = '" version "';"
    for (i = 1; i <= enum_count; i++) write_enum(enums[i])
    for (i = 1; i <= object_count; i++) if (is_object[objects[i]] == "body") write_body(objects[i]); else write_object(objects[i])
    print "\n/** @internal */\nfunction event_body(array $v): object\n{\n    return match ($v['type']) {"
    for (i = 1; i <= event_count; i++) print "        '" events[i] "' => " event_object[events[i]] "::from($v),"
    print "        default => (object) $v,\n    };\n}"
    print "\nfinal class Client extends Transport\n{"
    for (i = 1; i <= def_count; i++) if (defs[i] ~ / \/v1\// && answer_type[defs[i], 1] != "html" && answer_status[defs[i], 1] < 300) write_method(defs[i])
    print "}"
    if (faults) exit 1
}
function camel(name,   n, w, i, out) {
    n = split(name, w, /_/)
    for (i = 1; i <= n; i++) out = out (i == 1 ? w[i] : toupper(substr(w[i], 1, 1)) substr(w[i], 2))
    return out
}
function upper(name) { name = toupper(name); gsub(/[^A-Z0-9]/, "_", name); return name }
function comment(s) { gsub(/\*\//, "* /", s); return s }
# Values that are new to a client must not break it: texts, with names for those that are known.
function write_enum(name,   n, w, k) {
    print "\n/** " comment(enum_text[name]) ". */\nfinal class " name "\n{"
    n = split(trim(enum[name]), w, / +/)
    for (k = 1; k <= n; k++) print "    public const " upper(w[k]) " = '" w[k] "';"
    print "}"
}
function php_type(t) {
    if (t ~ /^[[{]/ || t == "object") return "array"
    if (t == "int") return "int"
    if (t == "number") return "float"
    if (t == "bool") return "bool"
    if (t == "any") return "mixed"
    return (t in is_object) ? t : "string"
}
function doc_type(t,   inner_type) {
    if (t ~ /^\[/) { inner_type = t; sub(/^\[/, "", inner_type); sub(/\].*/, "", inner_type); sub(/ .*/, "", inner_type); return "list<" php_type(inner_type) ">" }
    if (t ~ /^\{/) return "array<string, " php_type(substr(t, 2, length(t) - 2)) ">"
    return php_type(t)
}
function maybe(t, can) { return can && t != "mixed" ? "?" t : t }
# PHP wants those without a default first.
function write_params(name, body,   pass, k, id, t, can) {
    for (pass = 0; pass < 2; pass++)
        for (k = 1; k <= field_count[name]; k++) {
            id = name SUBSEP k
            can = field_optional[id] || field_null[id]
            if ((body ? field_optional[id] : 0) != pass) continue
            t = php_type(field_type[id])
            print "        /** @var " doc_type(field_type[id]) (can ? "|null" : "") (field_text[id] != "" ? " " comment(field_text[id]) : "") " */"
            print "        public readonly " maybe(t, can) " $" field_name[id] (pass ? " = null" : "") ","
        }
}
function taken(id,   v, t, inner_type) {
    v = "$v['" field_name[id] "']"
    t = field_type[id]
    if (t in is_object) return field_optional[id] || field_null[id] ? "isset(" v ") ? " t "::from(" v ") : null" : t "::from(" v ")"
    inner_type = t
    sub(/^\[/, "", inner_type)
    sub(/\].*/, "", inner_type)
    if (t ~ /^\[/ && (inner_type in is_object)) return field_optional[id] || field_null[id] ? "isset(" v ") ? array_map(" inner_type "::from(...), " v ") : null" : "array_map(" inner_type "::from(...), " v ")"
    return field_optional[id] ? v " ?? null" : v
}
function write_object(name,   k) {
    print "\n/** " comment(object_text[name]) ". */\nfinal class " name "\n{\n    public function __construct("
    write_params(name, 0)
    print "    ) {\n    }\n\n    public static function from(array $v): self\n    {\n        return new self("
    for (k = 1; k <= field_count[name]; k++) print "            " field_name[name, k] ": " taken(name SUBSEP k) ","
    print "        );\n    }\n}"
}
function write_body(name,   patch) {
    patch = name ~ /Patch$/
    print "\n/** " comment(object_text[name]) (patch ? ". $clear: fields that become null" : "") ". */\nfinal class " name " implements \\JsonSerializable\n{\n    public function __construct("
    write_params(name, 1)
    if (patch) print "        /** @var list<string> */\n        private readonly array $clear = [],"
    print "    ) {\n    }\n\n    public function jsonSerialize(): object\n    {\n        $set = array_filter(get_object_vars($this), fn ($v) => $v !== null);"
    if (patch) print "        unset($set['clear']);\n        foreach ($this->clear as $name) {\n            $set[$name] = null;\n        }"
    print "        return (object) $set;\n    }\n}"
}
function write_method(key,   n, w, k, id, name, rest, path, must, may, docs, send, t, form, back, inner_type, spec, status, quoted) {
    rest = path = route_path[key]
    while (match(rest, /\{[a-z_]+\}/)) {
        name = substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        must = must ", string $" name
        quoted = path
        k = index(quoted, "{" name "}")
        path = substr(quoted, 1, k - 1) "' . rawurlencode($" name ") . '" substr(quoted, k + length(name) + 2)
    }
    t = takes[key]
    form = sub(/^multipart /, "", t)
    if (t ~ /^\[/) { must = must ", array $rows"; send = "$rows" }
    else if (form) { must = must ", string $file"; may = may ", ?array $options = null"; send = "$options" }
    else if (t != "" && def_body[key] == "MAYBE") { may = may ", ?" t " $body = null"; send = "$body" }
    else if (t != "") { must = must ", " t " $body"; send = "$body" }
    else send = "null"
    n = split(trim(query_names[key]), w, / +/)
    rest = ""
    for (k = 1; k <= n; k++) {
        spec = query[key, w[k]]
        status = sub(/^required /, "", spec)
        read_type(spec)
        if (status) must = must ", " php_type(type) " $" w[k]
        else may = may ", ?" php_type(type) " $" w[k] " = null"
        rest = rest (rest != "" ? ", " : "") "'" w[k] "' => $" w[k]
    }
    quoted = rest
    rest = ""
    if (route_flag[key, "etag"] && changes(key)) { may = may ", ?string $ifMatch = null"; rest = "'If-Match' => $ifMatch" }
    else if (route_flag[key, "etag"]) { may = may ", ?string $ifNoneMatch = null"; rest = "'If-None-Match' => $ifNoneMatch" }
    if (key ~ /^POST / && def_access[key] != "PUBLIC" && !(def_access[key] == "ANY" && def_scope[key] == "R")) { may = may ", ?string $idempotencyKey = null"; rest = rest (rest != "" ? ", " : "") "'Idempotency-Key' => $idempotencyKey" }
    send = "$this->send('" substr(key, 1, index(key, " ") - 1) "', '" path "', [" quoted "], " send ", [" rest "]" (form ? ", $file" : "") ")"
    t = answer_type[key, 1]
    back = answer_type[key, 2] != "" ? "mixed" : t == "" ? "void" : php_type(t)
    inner_type = t
    sub(/^\[/, "", inner_type)
    sub(/\]$/, "", inner_type)
    status = (route_flag[key, "etag"] && !changes(key)) || answer_count[key] > 1
    print "\n    /**\n     * " comment(route_text[key]) "." (route_flag[key, "etag"] && !changes(key) ? " Null: not changed since $ifNoneMatch." : "")
    print "     *\n     * @return " (back == "void" ? "void" : back == "mixed" ? "mixed" : doc_type(t) (status ? "|null" : "")) "\n     */"
    print "    public function " camel(def_handler[key]) "(" substr(must may, 3) "): " (back == "void" || back == "mixed" ? back : maybe(back, status)) "\n    {"
    if (back == "void") print "        " send ";"
    else if (t in is_object) print "        $v = " send ";\n        return " (back == "mixed" ? "is_array($v) ? " t "::from($v) : $v" : status ? "$v === null ? null : " t "::from($v)" : t "::from($v)") ";"
    else if (inner_type in is_object) print "        $v = " send ";\n        return " (status ? "$v === null ? null : " : "") "array_map(" inner_type "::from(...), $v);"
    else print "        return " send ";"
    print "    }"
}

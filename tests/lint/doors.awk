# Include edges: lib <- sql <- app, worker, ctl; each third-party header may be included in one place only.
# usage: awk -f doors.awk FILES (paths relative to the root). Prints file:line: reason; exit 1 on any.
function bad(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; failed = 1 }
# Folders of the application from the ground up: a file includes its own floor and those below.
function floor(path) { return path ~ /^app\/http\// ? 1 : path ~ /^app\/pinterest\// ? 2 : path ~ /^app\/api\// ? 3 : 4 }
function simulator(path) { return path ~ /^app\/sandbox\// }
function room(path) { sub(/\/.*/, "", path); return path }
# Folders of the worker, and its threads: x_db.[ch] run on the database thread, all else on the loop thread.
function worker_doors(header, mine, other) {
    if (other != "" && mine != "main" && other != mine && index(stages[mine], " " other " ") == 0)
        bad("worker/" mine "/ may not include worker/" other "/ (\"" header "\")")
    if (FILENAME ~ /_db\.[ch]$/ && header ~ loop_side)
        bad("a file of the database thread may not include the loop thread's \"" header "\"")
    if (FILENAME !~ /_db\.[ch]$/ && header == "sql/stmt.h")
        bad("statements are run on the database thread: \"sql/stmt.h\" is for files called *_db.c")
}
# A folder of the worker; "main" for main.c and stats.c, which stand above all folders.
function stage(path) { sub(/^worker\//, "", path); return sub(/\/.*/, "", path) ? path : "main" }
BEGIN {
    # room -> rooms it may include
    may["lib"] = " lib "
    may["sql"] = " sql lib "
    may["app"] = " app sql lib "
    may["worker"] = " worker sql lib "
    may["ctl"] = " ctl sql lib "
    may["tests"] = " tests app worker ctl sql lib "
    # folder of the worker -> folders it may include besides its own
    stages["frame"] = stages["http"] = " "
    stages["pin"] = " frame "
    stages["deliver"] = stages["refresh"] = stages["import"] = stages["mail"] = " frame http "
    stages["promote"] = stages["publish"] = stages["verify"] = " frame http pin "
    stages["sweep"] = " frame pin "
    stages["turn"] = " frame pin publish verify "
    # headers of the loop thread
    loop_side = "^worker/(frame/(counters|dbq|loop|periodic|shards|worker)|http/(curl_loop|transport)|mail/(mail|smtp)|deliver/deliver(_endpoint|_post)?" \
        "|sweep/(deadline|retention)|(import|promote|publish|refresh|turn|verify)/(import|promote|publish|refresh|turn|verify)|stats)\\.h$"
    # header (regex) -> files that may include it (regex)
    home["^(mysql|errmsg|mysqld_error|mysql/.*)\\.h$"] = "^lib/db/[a-z_]*\\.c$"
    home["^curl/"] = "^(lib/certs\\.c|lib/http\\.c|lib/url\\.c|worker/http/(curl_loop|transport)\\.c|worker/mail/smtp\\.c)$"
    home["^(fcgiapp|fcgi_stdio|fcgios|fcgimisc|fastcgi)\\.h$"] = "^app/(http/(conn|req|reply|server)|sandbox/sim_http)\\.c$"
    home["^(event2/|event\\.h|ev)"] = "^worker/(frame/loop|http/curl_loop)\\.c$"
    home["^sodium(\\.h|/)"] = "^lib/crypto\\.c$"
    home["^ini\\.h$"] = "^lib/conf[a-z_]*\\.c$"
    home["^csv\\.h$"] = "^app/"
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    header = $0; sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    here = room(FILENAME)
    if (here == "tests") next
    for (re in home) if (header ~ re && FILENAME !~ home[re]) bad("<" header "> may be included only by " home[re])
    if (header == "csv.h") { csv_users++; if (csv_users > 1) bad("<csv.h> is included by another file already") }
    next
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    header = $0; sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
    here = room(FILENAME); there = room(header)
    if (header == "config.h") next
    if (header !~ /\//) { bad("\"" header "\" is not written from the root"); next }
    if (!(there in may)) { bad("\"" header "\" is in no known folder"); next }
    if (index(may[here], " " there " ") == 0) bad(here "/ may not include " there "/ (\"" header "\")")
    if (here == "worker") worker_doors(header, stage(FILENAME), there == "worker" ? stage(header) : "")
    if (here != "app" || there != "app") next
    if (simulator(FILENAME) && !simulator(header) && header !~ /^app\/http\/(conn|limiter|server|shares)\.h$/)
        bad("the simulator may include nothing of the application except app/http/{conn,limiter,server,shares}.h (\"" header "\")")
    if (!simulator(FILENAME) && simulator(header))
        bad("the application may not include the simulator (\"" header "\")")
    if (!simulator(FILENAME) && header !~ /\.def$/ && floor(header) > floor(FILENAME))
        bad("app/: http, pinterest, api, main: no folder includes a later one (\"" header "\")")
}
END { exit failed }

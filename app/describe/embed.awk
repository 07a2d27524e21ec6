# Turns text files into C: awk -f embed.awk name=docs_json FILE name=docs_html FILE ...
function end() { if (last != "") print "\t;\nconst size_t " last "_len = sizeof(" last ") - 1;" }
BEGIN { print "/* Made by app/describe/embed.awk. */\n#include \"app/api/docs_text.h\"" }
FNR == 1 { end(); last = name; print "const char " name "[] =" }
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    gsub(/\?\?/, "?\\?")
    print "\t\"" $0 "\\n\""
}
END { end() }

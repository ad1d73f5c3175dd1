# Prints, from the log of one suite, each failed test with the first lines of its message. -v suite=NAME
# Two formats: xunit's ("    Name [FAIL]", message indented by six) and TAP ("not ok 1 - name", then a YAML block).

function begin(name) { print suite ": " name; left = 12 }
function detail(line) {
    if (left-- > 0) { sub(/^ +/, "", line); print "    " substr(line, 1, 400) }
}

# xunit: the message ends at its stack trace or its output, or where the indentation goes back.
/^    [^ ].* \[FAIL\]$/ { name = $0; sub(/^ +/, "", name); sub(/ \[FAIL\]$/, "", name); begin(name); in_xunit = 1; next }
/^    \[.*(Failure|ERROR).*\]/ { name = $0; sub(/^ +/, "", name); begin(name); in_xunit = 1; next }
in_xunit && /^      Stack Trace:|^      Output:/ { in_xunit = 0 }
in_xunit && NF && !/^      / { in_xunit = 0 }
in_xunit && NF { detail($0) }

# TAP: of the YAML block only the error and what was compared; a file that failed because a test in it did says nothing new.
/^ *not ok [0-9]+ - / && !/# (TODO|SKIP)/ { name = $0; sub(/^ *not ok [0-9]+ - /, "", name); pending = name; next }
pending != "" && /^ *failureType: .*subtestsFailed/ { pending = "" }
pending != "" && /^ *error: / {
    begin(pending); pending = ""; named = 1
    line = $0; sub(/^ *error: /, "", line)
    if (line ~ /^[|>]-?$/) { in_error = 1; match($0, /^ */); indent = RLENGTH } else detail(line)
    next
}
/^ *(expected|actual): / && named { detail($0) }
/^ *\.\.\.$/ { named = 0 }
in_error && NF { match($0, /^ */); if (RLENGTH <= indent) in_error = 0; else detail($0) }

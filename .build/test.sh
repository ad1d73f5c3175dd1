#!/bin/sh
# Builds and runs the tests; the arguments name suites (folders of tests/), none means all.
#   1. Build every test project (and what it tests) once.
#   2. Install the pinned npm packages of the suites that need them.
#   3. Run each suite: *.Tests are programs, those with a package.json run under node's own test runner.
#   4. Add up. A suite that ends without a count has failed. Every failed test is named again with its message;
#      the last line is "N passed, N failed, N skipped".
# CLUSTER_FULL=1 also runs what takes longer.
set -u
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
passed=0 failed=0 skipped=0
logs=.build/state/tests
failures="$logs/failures"
mkdir -p "$logs"
: >"$failures"

say() { printf '\n== %s\n' "$1"; }
count() { passed=$((passed + $1)); failed=$((failed + $2)); skipped=$((skipped + $3)); }

suites=${*:-$(find tests -mindepth 1 -maxdepth 1 -type d \( -name '*.Tests' -o -name Clients -o -name Chart -o -name Dashboard \) | sed 's:tests/::' | sort)}

# 1.
say "building"
if ! dotnet build Cluster.sln -c Release -v quiet -clp:NoSummary; then
    echo "the build failed (its errors are above)"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi

# 2.
for lock in tests/*/package-lock.json tests/*/*/package-lock.json; do
    [ -f "$lock" ] || continue
    folder=$(dirname "$lock")
    stamp="$folder/node_modules/.installed"
    [ "$stamp" -nt "$lock" ] && continue
    say "npm packages of $folder"
    if (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error); then touch "$stamp"; else echo "npm ci failed in $folder: its tests will say so"; fi
done

# 3.
for suite in $suites; do
    say "$suite"
    log="$logs/$suite.log"
    start=$(date +%s)
    if [ -f "tests/$suite/package.json" ]; then
        (cd "tests/$suite" && npm test --silent) >"$log" 2>&1
        cat "$log"
        numbers=$(awk '/^(#|ℹ) (pass|fail|cancelled|skipped) [0-9]+$/ { n[$2] = $3 } END { if ("pass" in n) print n["pass"], n["fail"] + n["cancelled"], n["skipped"] + 0 }' "$log")
    else
        "tests/$suite/bin/Release/net10.0/$suite" -noColor >"$log" 2>&1
        grep -vE '^ *(Discovering|Discovered|Starting|Finished):|^xUnit.net|^=== TEST' "$log"
        numbers=$(awk '/ Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+/ {
            gsub(/,/, ""); for (i = 1; i < NF; i++) n[$i] = $(i + 1)
            print n["Total:"] - n["Failed:"] - n["Skipped:"], n["Errors:"] + n["Failed:"], n["Skipped:"] }' "$log")
    fi
    named=$(awk -v suite="$suite" -f .build/failures.awk "$log")
    if [ -z "$numbers" ]; then
        named="$named
$suite: ended without a result (its output: $log). Its last lines:
$(tail -n 20 "$log" | cut -c 1-400 | sed 's/^/    /')"
        numbers="0 1 0"
    fi
    # shellcheck disable=SC2086
    count $numbers
    [ -z "$named" ] || printf '%s\n' "$named" >>"$failures"
    echo "$suite took $(($(date +%s) - start)) s"
done

# 4.
if [ -s "$failures" ]; then
    say "failed"
    cat "$failures"
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

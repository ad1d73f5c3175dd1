#!/bin/sh
# Finds out which package families this machine's own sources have, and makes up for ONNX Runtime where they lack it.
#   1. Nothing changed since the last run: stop at once.
#   2. Probe each family with a real restore.
#   3. Without ONNX Runtime: make look-alike packages from npm into .build/feed (see .build/README.md).
#   4. Write Directory.Build.local.props, only when its contents change, and the stamp.
# GPU=1 also prepares Microsoft.ML.OnnxRuntime.Gpu. Needs the .NET 10 SDK; step 3 also node and npm.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
state="$root/.build/state"
local_props="$root/Directory.Build.local.props"
feed_suffix=npm.1
mkdir -p "$state"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

gpu=false
[ "${GPU:-0}" != 1 ] || gpu=true

say() { clear_bar; printf 'set-up: %s\n' "$1"; }

# How far it is: on a terminal a bar with the time left, from how long each step took the last time here (else a guess); elsewhere nothing but the lines above.
steps='probing:12 packages:40'
durations="$state/setup-durations"
clear_bar() { [ ! -t 1 ] || printf '\r\033[2K'; }
expected() { # a step's seconds
    known=$(sed -n "s/^$1 //p" "$durations" 2>/dev/null | tail -n 1)
    guess=$(printf '%s\n' $steps | sed -n "s/^$1://p")
    printf '%s' "${known:-$guess}"
}
during() { # step, then a command: runs it under the bar and remembers how long it took
    step=$1 began=$(date +%s) total=0 before=0
    shift
    for one in $steps; do
        [ "${one%%:*}" != "$step" ] || before=$total
        total=$((total + $(expected "${one%%:*}")))
    done
    [ $total -gt 0 ] || total=1
    "$@" &
    work=$!
    while [ -t 1 ] && kill -0 $work 2>/dev/null; do
        gone=$(($(date +%s) - began))
        [ "$gone" -lt "$(expected "$step")" ] || gone=$(expected "$step")
        percent=$(((before + gone) * 100 / total))
        cells=$((percent * 24 / 100))
        printf '\r\033[2K[%s%s] %3d %%  set-up: %s, about %d s left' "$(printf '%*s' $cells '' | tr ' ' '#')" "$(printf '%*s' $((24 - cells)) '' | tr ' ' '-')" $percent "$step" $((total - before - gone))
        sleep 1
    done
    ended=0
    wait $work || ended=$?
    clear_bar
    printf '%s %s\n' "$step" $(($(date +%s) - began)) >>"$durations"
    return $ended
}
fail() { printf 'set-up failed: %s\n' "$1" >&2; exit 1; }

# 1. What the answers depend on: this script and its projects, the versions, every NuGet configuration in reach.
inputs() {
    printf 'gpu=%s packages=%s\n' "$gpu" "${NUGET_PACKAGES:-}"
    cat "$root"/.build/setup.sh "$root"/.build/Directory.Build.props "$root"/.build/*/*.csproj "$root/Directory.Packages.props"
    directory=$root
    while :; do
        cat "$directory"/[Nn]u[Gg]et.[Cc]onfig 2>/dev/null || true
        [ "$directory" != / ] || break
        directory=$(dirname "$directory")
    done
    for directory in "$HOME/.nuget/NuGet" "$HOME/.nuget/NuGet/config" "$HOME/.config/NuGet" /etc/opt/NuGet/Config; do
        cat "$directory"/*.[Cc]onfig 2>/dev/null || true
    done
}
stamp_file="$state/setup-gpu-$gpu.stamp"
stamp=$(inputs | cksum)
feed_is_complete() {
    version=$(sed -n 's:.*<OnnxRuntimeVersion>\(.*-npm\..*\)</OnnxRuntimeVersion>.*:\1:p' "$local_props")
    [ -z "$version" ] || {
        [ -f ".build/feed/Microsoft.ML.OnnxRuntime.Managed.$version.nupkg" ] && [ -f ".build/feed/Microsoft.ML.OnnxRuntime.$version.nupkg" ] &&
        { [ $gpu = false ] || [ -f ".build/feed/Microsoft.ML.OnnxRuntime.Gpu.$version.nupkg" ]; }
    }
}
if [ -f "$stamp_file" ] && [ "$(cat "$stamp_file")" = "$stamp" ] && [ -f "$local_props" ] && feed_is_complete; then
    exit 0
fi

# 2. One restore per family, side by side. A source that cannot be reached is not a source that lacks a package.
probe() {
    if dotnet restore .build/probe/Probe.csproj -p:Family="$1" -p:Gpu=$gpu -p:BaseIntermediateOutputPath="$state/probe/$1/" \
        >"$state/probe-$1.log" 2>&1 && ! grep -q 'NU1603.*Probe depends on' "$state/probe-$1.log"; then
        echo yes >"$state/probe-$1"
    else
        echo no >"$state/probe-$1"
    fi
}
version_of() { sed -n "s:.*<PackageVersion Include=\"$1\" Version=\"\\([^\"]*\\)\".*:\\1:p" Directory.Packages.props; }
property_of() { sed -n "s:.*<$1 [^>]*>\\([^<]*\\)</$1>.*:\\1:p" Directory.Packages.props; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK (dotnet) is not on the PATH"
say "asking this machine's package sources"
probe_all() {
    for family in Orleans OrleansDashboard OnnxRuntime Tokenizers; do probe $family & done
    wait
}
during probing probe_all
if grep -l 'service index' "$state"/probe-*.log >/dev/null; then
    grep -h 'service index' "$state"/probe-*.log | head -n 1 >&2
    fail "a package source cannot be reached; check the network and 'dotnet nuget list source', then run again"
fi

orleans_version=$(property_of OrleansVersion)
tokenizers_version=$(version_of Microsoft.ML.Tokenizers)
onnx_version=$(property_of OnnxRuntimeVersion)
orleans=true
orleans_dashboard=true
tokenizers=true
if [ "$(cat "$state/probe-Orleans")" = yes ]; then
    say "Orleans $orleans_version: available"
else
    orleans=false
    say "Orleans $orleans_version: not on this machine's sources; building without Cluster.Grains and Cluster:Mode=Orleans, their tests are skipped"
fi
if [ $orleans = false ] || [ "$(cat "$state/probe-OrleansDashboard")" != yes ]; then
    orleans_dashboard=false
    [ $orleans = false ] || say "Microsoft.Orleans.Dashboard $orleans_version: not on this machine's sources; building without /admin/orleans, its tests are skipped"
fi
if [ "$(cat "$state/probe-Tokenizers")" = yes ]; then
    say "Microsoft.ML.Tokenizers $tokenizers_version: available"
else
    tokenizers=false
    say "Microsoft.ML.Tokenizers $tokenizers_version: not on this machine's sources; building without the second reader of SentencePiece and tiktoken files"
fi

# 3. ONNX Runtime is needed in any case.
if [ "$(cat "$state/probe-OnnxRuntime")" = yes ]; then
    say "ONNX Runtime $onnx_version: available"
    onnx_line=
else
    say "ONNX Runtime $onnx_version: not on this machine's sources; using look-alike packages $onnx_version-$feed_suffix made from npm"
    during packages env GPU=$gpu sh .build/onnxruntime/make-feed.sh "$onnx_version-$feed_suffix"
    onnx_line="    <OnnxRuntimeVersion>$onnx_version-$feed_suffix</OnnxRuntimeVersion>
"
fi

# 4. Written only when different: a new time stamp would rebuild everything.
cat >"$local_props.new" <<END
<Project>
  <!-- Written by .build/setup.sh: what this machine's package sources have. Delete it to ask again. -->
  <PropertyGroup>
    <OrleansAvailable>$orleans</OrleansAvailable>
    <OrleansDashboardAvailable>$orleans_dashboard</OrleansDashboardAvailable>
    <TokenizersAvailable>$tokenizers</TokenizersAvailable>
$onnx_line  </PropertyGroup>
</Project>
END
if cmp -s "$local_props.new" "$local_props"; then rm "$local_props.new"; else mv "$local_props.new" "$local_props"; fi
printf '%s\n' "$stamp" >"$stamp_file"

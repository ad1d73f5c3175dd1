#!/bin/sh
# A rolling upgrade under load: three silos of another version of this repository are replaced by this one's, one after the other, and back again.
#   1. Build the other version's host.   2. Run `make chaos` with it.
# upgrade.sh REVISION: anything that git can check out.
set -eu
cd "$(dirname "$0")/.."
revision=$(git rev-parse --verify "$1^{commit}")
state=$PWD/.build/state/version-$revision
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# 1. The other version, with the packages that this machine's set-up found
if [ ! -f "$state/host/Cluster.Host.dll" ]; then
    rm -rf "$state"
    mkdir -p "$state/source"
    git archive "$revision" | tar -x -C "$state/source"
    cp Directory.Build.local.props "$state/source/"
    cp .build/feed/*.nupkg "$state/source/.build/feed/" 2>/dev/null || true
    dotnet build "$state/source/src/Cluster.Host/Cluster.Host.csproj" -c Release -v quiet -clp:NoSummary -o "$state/host"
    rm -rf "$state/source"
fi

# 2. The run
dotnet build tests/Chaos/Chaos.csproj -c Release -v quiet -clp:NoSummary
CHAOS_OTHER_HOST=$state/host/Cluster.Host.dll CHAOS_FAULTS=${CHAOS_FAULTS:-upgrade} exec dotnet tests/Chaos/bin/Release/net10.0/Cluster.Chaos.dll

#!/bin/sh
# Three silos on this machine: an edge that serves HTTP, and two replica silos with a device each. Ctrl+C stops them all, the edge last.
#   1. The edge, which is also where the others find the cluster.   2. The replicas.   3. Wait until one is ready, say how to use it.
# PORT: the edge's HTTP port; the replicas' (health, admin pages) are the next two.
set -eu
cd "$(dirname "$0")/.."
host_dll=$1
port=${PORT:-8080}
state=.build/state/cluster
mkdir -p "$state"
pids=

stop() {
    trap - INT TERM EXIT
    for pid in $pids; do # The last started first: the edge is where the others sign off.
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap stop INT TERM EXIT

silo() { # name role number, then more settings
    name=$1 role=$2 number=$3
    shift 3
    dotnet "$host_dll" --urls "http://127.0.0.1:$((port + number))" --Cluster:Mode=Orleans --Cluster:Membership:Role="$role" \
        --Cluster:Membership:SiloName="$name" --Cluster:Membership:SiloPort=$((11111 + number)) --Cluster:Membership:GatewayPort=$((30000 + number)) \
        --Cluster:Fleet:Replicas=2 --Cluster:Devices:LockFolder="$PWD/$state/devices" "$@" >"$state/$name.log" 2>&1 &
    pids="$! $pids"
}
answers() { curl -fsS -o /dev/null "http://127.0.0.1:$port/health/$1" 2>/dev/null; }
alive() { for pid in $pids; do kill -0 "$pid" 2>/dev/null || { tail -n 5 "$state"/*.log >&2; echo "a silo ended; its log is in $state" >&2; exit 1; }; done; }

silo edge edge 0
until answers live; do alive; sleep 0.2; done
for number in 1 2; do silo "replica-$number" replica $number --Cluster:Devices:Devices:0="cpu:$number"; done
echo "edge        http://127.0.0.1:$port   (chat completions, admin pages; log $state/edge.log)"
echo "replica-1   device cpu:1, log $state/replica-1.log"
echo "replica-2   device cpu:2, log $state/replica-2.log"
until answers ready; do alive; sleep 0.2; done
sed -n '/ready after/,$p' "$state/edge.log" | sed '/info:/d'
echo "Kill one replica while a stream runs: the stream goes on. Ctrl+C stops the three."
wait

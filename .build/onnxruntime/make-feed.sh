#!/bin/sh
# Makes Microsoft.ML.OnnxRuntime.Managed and Microsoft.ML.OnnxRuntime (GPU=true: also .Gpu), version $1, in .build/feed.
# The npm package holds Microsoft's managed sources and native libraries of the same release. Its contents are pinned by hash.
set -eu
version=$1
cd "$(dirname "$0")/../.."
root=$(pwd)
state="$root/.build/state"
feed="$root/.build/feed"
work="$state/npm"
npm_version=0.4.9
cpu_package=com.github.asus4.onnxruntime
cpu_integrity='sha512-BkzxduSZ9IkeDP6Q8lz2TFU2ie7hSSvS7ZIfzMooExoq0CNzJnuuGaUJ7IsojBgqO4ouD1jXah8OYyJbCN29Fg=='
gpu_package=com.github.asus4.onnxruntime.linux-x64-gpu
gpu_integrity='sha512-FopIhNE/Ng+v2X65wVc9clPCBCvhvA53Hxo2U0Kf5fGdVsC7iCA+mZ0KLWggcQAj7TIZ6pNidR4AC10g74Xo6w=='

say() { printf 'set-up: %s\n' "$1"; }
fail() { printf 'set-up failed: %s\n' "$1" >&2; exit 1; }

command -v node >/dev/null && command -v npm >/dev/null || fail "node 20 with npm is needed to fetch ONNX Runtime on this machine"

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) rid=linux-x64 native=Linux/x64 ;;
    Darwin-arm64) rid=osx-arm64 native=macOS/arm64 ;;
    MINGW*-x86_64 | MSYS*-x86_64) rid=win-x64 native=Windows/x64 ;;
    *) fail "the npm package has no ONNX Runtime for $(uname -s) $(uname -m); add a NuGet source that has Microsoft.ML.OnnxRuntime" ;;
esac
[ "${GPU:-false}" = false ] || [ $rid = linux-x64 ] || fail "GPU=1 needs Linux on x64"

# fetch PACKAGE INTEGRITY PATHS...: downloads once, refuses other contents, unpacks only what is needed.
fetch() {
    package=$1 integrity=$2
    shift 2
    say "fetching $package@$npm_version from npm"
    rm -rf "$work"
    mkdir -p "$work"
    (cd "$work" && npm pack "$package@$npm_version" >pack.log 2>&1) || { tail -n 5 "$work/pack.log" >&2; fail "npm could not fetch $package@$npm_version"; }
    archive="$work/$package-$npm_version.tgz"
    actual=$(node -e '
        const hash = require("crypto").createHash("sha512");
        require("fs").createReadStream(process.argv[1]).on("data", d => hash.update(d)).on("end", () => console.log("sha512-" + hash.digest("base64")));
    ' "$archive")
    [ "$actual" = "$integrity" ] || fail "$package@$npm_version has hash $actual, expected $integrity"
    (cd "$work" && tar -xzf "$archive" "$@")
    rm "$archive"
}

# pack PROJECT PROPERTIES...: to a folder of its own first, so that the feed never holds half a package.
pack() {
    project=$1
    shift
    dotnet pack ".build/onnxruntime/$project.csproj" -c Release -nologo -v quiet -p:Version="$version" \
        -p:BaseIntermediateOutputPath="$state/pack/$project/obj/" -p:BaseOutputPath="$state/pack/$project/bin/" \
        -o "$work/packed" "$@" >"$state/pack-$project.log" 2>&1 || { tail -n 20 "$state/pack-$project.log" >&2; fail "dotnet pack $project"; }
    mv "$work/packed"/*.nupkg "$feed/"
}

managed="$feed/Microsoft.ML.OnnxRuntime.Managed.$version.nupkg"
cpu="$feed/Microsoft.ML.OnnxRuntime.$version.nupkg"
gpu="$feed/Microsoft.ML.OnnxRuntime.Gpu.$version.nupkg"
make_gpu=false
[ "${GPU:-false}" = false ] || [ -f "$gpu" ] || make_gpu=true

if [ ! -f "$managed" ] || [ ! -f "$cpu" ] || [ $make_gpu = true ]; then
    fetch $cpu_package "$cpu_integrity" package/Runtime "package/Plugins/$native"
    say "packing ONNX Runtime"
    rm -rf "$state/pack"
    find "$work/package" -name '*.meta' -exec rm {} +
    pack Managed -p:UnpackedDir="$work/package"
    pack Native -p:NativeId=Microsoft.ML.OnnxRuntime -p:NativeRid=$rid -p:NativeDir="$work/package/Plugins/$native"
    rm -rf "$state/core"
    mv "$work/package/Plugins/$native" "$state/core"
fi
if [ $make_gpu = true ]; then
    # The CUDA package holds the core library and the provider, as the official one does.
    fetch $gpu_package "$gpu_integrity" package/Plugins/Linux/x64
    find "$work/package" -name '*.meta' -exec rm {} +
    rm -f "$work/package/Plugins/Linux/x64/libonnxruntime_providers_tensorrt.so"
    cp "$state/core/libonnxruntime.so" "$work/package/Plugins/Linux/x64/"
    say "packing ONNX Runtime for CUDA"
    pack Native -p:NativeId=Microsoft.ML.OnnxRuntime.Gpu -p:NativeRid=$rid -p:NativeDir="$work/package/Plugins/Linux/x64"
fi
rm -rf "$work" "$state/pack" "$state/core"

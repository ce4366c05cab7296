#!/usr/bin/env bash
# Writes every generated file anew; with --check it only tells which of them are not as they should
# be. src/settings/ is not among them: it is read from another project's checkout.
set -euo pipefail
cd "$(dirname "$0")/.."

files=(metacontroller/crd.yaml charts/jitsi-operator/files/crd.yaml docs/api.md docs/decisions.md)

generate() {
  npm run --silent build
  # By way of a file: a failure must not leave half a CRD behind.
  node dist/cli.js crd >.cache/crd.yaml
  cp .cache/crd.yaml metacontroller/crd.yaml
  cp .cache/crd.yaml charts/jitsi-operator/files/crd.yaml
  npm run --silent docs
}

mkdir -p .cache
if [ "${1:-}" != --check ]; then
  generate
  exit
fi

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
cp --parents "${files[@]}" "$before"
generate
status=0
for file in "${files[@]}"; do
  diff -u --label "$file as it is" --label "$file as generated" "$before/$file" "$file" || status=1
done
[ "$status" = 0 ] || echo 'These files were out of date and are written anew: look at them and commit them.' >&2
exit "$status"

#!/usr/bin/env bash
# Puts Debian's or Ubuntu's promtool where test/chart/rules.test.ts looks for it. The package is
# unpacked and not installed: it would bring a Prometheus that runs.
set -euo pipefail

bin=${XDG_CACHE_HOME:-$HOME/.cache}/jitsi-operator/bin
[ ! -x "$bin/promtool" ] || exit 0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq download prometheus || { apt-get -qq update && apt-get -qq download prometheus; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar --extract ./usr/bin/promtool
mkdir -p "$bin"
mv usr/bin/promtool "$bin/promtool"

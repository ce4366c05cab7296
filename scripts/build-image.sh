#!/usr/bin/env bash
# Builds the Dockerfile without a container engine and without a registry, and starts the result.
#
# The bases are STAND-INS for the ones that the Dockerfile names, with the same paths and users:
# Debian by debootstrap with this machine's node and npm in place of node:*-slim, and this
# machine's node with the libraries that it links in place of distroless. What is shown is that
# the Dockerfile builds and that the image runs; not that the real bases are sound.
#
# Needs root. Installs buildah and debootstrap by apt where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=bookworm
cache=$PWD/.cache/image
storage=$cache/storage
image=jitsi-operator:standin
port=${IMAGE_TEST_PORT:-18480}

say() { printf 'image: %s\n' "$*"; }
buildah() { command buildah --root "$storage" --runroot "$cache/run" --storage-driver vfs "$@"; }

install_tools() {
  # Programs, and not the function above.
  type -P buildah >/dev/null && type -P debootstrap >/dev/null && return
  say 'installing buildah and debootstrap'
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
    buildah debootstrap >/dev/null
}

# A root file system in a directory becomes an image.
import_base() {
  local name=$1 root=$2 container
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$root" / >/dev/null
  buildah commit --quiet "$container" "$name" >/dev/null
  buildah rm "$container" >/dev/null
}

build_base() {
  local root=$cache/build-root archive=$cache/debian-$suite.tar npm
  if [ ! -s "$archive" ]; then
    say "debootstrap $suite"
    rm -rf "$root"
    debootstrap --variant=minbase "$suite" "$root" >"$cache/debootstrap.log" 2>&1 ||
      { tail -n 20 "$cache/debootstrap.log"; return 1; }
    # Devices cannot be added to an image, and a container brings its own.
    rm -rf "${root:?}"/dev/* "${root:?}"/var/cache/apt/archives/*.deb
    tar -C "$root" -cf "$archive.part" . && mv "$archive.part" "$archive"
  fi
  rm -rf "$root" && mkdir -p "$root" && tar -C "$root" -xf "$archive"
  npm=$(npm root --global 2>/dev/null)/npm
  mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/bin"
  cp -L "$(command -v node)" "$root/usr/local/bin/node"
  cp -R "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  # The packages come from this machine's cache (npm ci has filled it); what is missing there is
  # fetched with this machine's certificates. Both are mounted while building.
  mkdir -p "$root/usr/local/etc" "$root/etc/ssl/certs"
  printf '%s\n' cache=/npm-cache prefer-offline=true update-notifier=false \
    cafile=/etc/ssl/certs/ca-certificates.crt >"$root/usr/local/etc/npmrc"
  import_base localhost/standin/node:build "$root"
}

runtime_base() {
  local root=$cache/runtime-root library
  rm -rf "$root" && mkdir -p "$root"/{nodejs/bin,etc,tmp,home/nonroot}
  cp -L "$(command -v node)" "$root/nodejs/bin/node"
  for library in $(ldd "$(command -v node)" | grep -o '/[^ ]*'); do
    mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
  done
  echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
  echo 'nonroot:x:65532:' >"$root/etc/group"
  chmod 1777 "$root/tmp"
  import_base localhost/standin/node:runtime "$root"
}

build() {
  local npm_cache
  npm_cache=$(npm config get cache 2>/dev/null)
  mkdir -p "$npm_cache"
  buildah bud --quiet --format docker --isolation chroot --tag "$image" \
    --build-arg BUILD_IMAGE=localhost/standin/node:build \
    --build-arg RUNTIME_IMAGE=localhost/standin/node:runtime \
    --volume "$npm_cache:/npm-cache" --volume /etc/ssl/certs:/etc/ssl/certs:ro \
    . >/dev/null
}

inspect() { buildah inspect --type image --format "$1" "$image"; }

check_contents() {
  local container root user
  user=$(inspect '{{.Docker.Config.User}}')
  [ "$user" = 65532:65532 ] || { say "runs as '$user', not 65532:65532"; return 1; }
  container=$(buildah from "$image")
  root=$(buildah mount "$container")
  local unwanted
  unwanted=$(find "$root" \( -name npm -o -name tap -o -name typescript -o -name '@biomejs' \
    -o -path '*/node_modules/esbuild' \
    -o -name sh -o -name '.npmrc' \) -not -empty -printf '%P\n')
  buildah rm "$container" >/dev/null
  [ -z "$unwanted" ] || { say "unwanted: $unwanted"; return 1; }
  say 'no shell, no npm, no development package; user 65532'
}

last_descendant() {
  local child
  child=$(pgrep -P "$1" | tail -n 1) || true
  if [ -n "$child" ]; then last_descendant "$child"; else echo "$1"; fi
}

check_running() {
  local container pid status=1
  container=$(buildah from "$image")
  # Entry point and command as the image names them. chroot isolation shares this machine's
  # network: loopback only.
  local -a command
  mapfile -t command < <(inspect '{{range .Docker.Config.Entrypoint}}{{println .}}{{end}}{{range .Docker.Config.Cmd}}{{println .}}{{end}}' | grep .)
  buildah run --isolation chroot --env HOST=127.0.0.1 --env PORT="$port" "$container" -- \
    "${command[@]}" >"$cache/serve.log" 2>&1 &
  pid=$!
  for _ in $(seq 1 100); do
    if curl --silent --fail --output /dev/null "http://127.0.0.1:$port/healthz"; then
      status=0
      break
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  if [ "$status" = 0 ]; then
    URL=http://127.0.0.1:$port node charts/jitsi-operator/files/hook-test.mjs || status=1
    curl --silent --fail "http://127.0.0.1:$port/metrics" | grep '^# TYPE' >/dev/null || status=1
  fi
  # The server is the last of buildah's descendants; it has to end by itself when asked to.
  local leaf
  leaf=$(last_descendant "$pid")
  kill -TERM "$leaf" 2>/dev/null || true
  for _ in $(seq 1 100); do
    kill -0 "$leaf" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$leaf" 2>/dev/null; then
    say 'still running 10 s after SIGTERM'
    kill -KILL "$leaf"
    status=1
  fi
  wait "$pid" || true
  buildah rm "$container" >/dev/null
  [ "$status" = 0 ] || { say 'the image did not answer:'; tail -n 20 "$cache/serve.log"; return 1; }
  say 'answers hooks, /healthz, /readyz and /metrics, and stops when asked to'
}

main() {
  mkdir -p "$cache"
  install_tools
  # Only the debootstrap is worth keeping; layers would pile up.
  rm -rf "$storage" "$cache/run"
  say 'making the stand-in bases'
  build_base
  runtime_base
  say 'building'
  build
  check_contents
  check_running
  say 'done'
}

main "$@"

#!/bin/sh
# Bundles the program and the packages that it uses into one file: Node loads it in half of the time
# that it takes for the 740 of which it is made (docs/adr/0013-one-file-is-shipped.md). Types are
# checked elsewhere: npm run types.
#
# Usage: scripts/build.sh [SOURCE [FILE]]
set -eu
root=$(dirname "$0")/..
# Packages that are CommonJS get Node's own modules by `require`, which a module has not.
# What is left out, Fastify loads only where nothing is set instead (src/hooks/typebox-checks.ts),
# or for tests: a fourth of the file, and of the memory that its text takes.
exec "$root/node_modules/.bin/esbuild" "${1:-$root/src/cli.ts}" --bundle \
  --platform=node --format=esm --target=node20.20 --tsconfig-raw={} --log-level=warning \
  --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' \
  --external:@fastify/ajv-compiler --external:@fastify/fast-json-stringify-compiler \
  --external:light-my-request \
  --outfile="${2:-$root/dist/cli.js}"

# Both bases are build arguments, so that a release names them by digest:
#   --build-arg BUILD_IMAGE=docker.io/library/node:24-trixie-slim@sha256:…
#   --build-arg RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:…
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# What is built here is the same for every architecture, so it is built on the builder's own.
# hadolint ignore=DL3029
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No package of ours needs an install script, and a foreign one has no business here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build.sh scripts/
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# No shell, no npm, no package manager: node, its libraries and our files.
FROM ${RUNTIME_IMAGE}
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
# Nothing runs these: what the program uses of them is in it already. Their licences come along with
# them, and whoever scans the image finds what it is made of.
COPY --from=build /app/node_modules ./node_modules
# Says which version this is, and that the program is a module.
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/dist ./dist
# The files belong to root; by number, so that runAsNonRoot can be judged without /etc/passwd.
USER 65532:65532
EXPOSE 8080
# For plain container hosts; Kubernetes has its own probes.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["/nodejs/bin/node", "-e", "require(process.env.TLS_CERT_FILE ? 'node:https' : 'node:http').get({ host: '127.0.0.1', port: process.env.PORT, path: '/healthz', rejectUnauthorized: false, timeout: 3000 }, answer => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# Requests of large fleets are 30 MB. A small space for young objects, one arena of malloc and
# thresholds that stay as they are give their memory back soon (docs/performance.md: 191 instead of
# 281 MB at 1,000 bridges, for a tenth more CPU time). What the heap may take at all, Node reads
# from the container's limit.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=16", "--expose-gc", "/app/dist/cli.js"]
CMD ["serve"]

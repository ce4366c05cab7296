import Fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { ObserveRequest, ObserveResponse } from './api/metacontroller.ts'
import type { LoadEdges } from './autoscaling/load.ts'
import { reconcile } from './core/reconcile.ts'
import { relatedRules } from './core/related.ts'
import { type CustomizeHook, customizeHook } from './hooks/customize.ts'
import { failureAnswer } from './hooks/failure.ts'
import { healthRoutes } from './hooks/health.ts'
import { loadRoute } from './hooks/load.ts'
import { observeHook } from './hooks/observe.ts'
import { parentReference } from './hooks/parent-reference.ts'
import type { Service } from './hooks/service.ts'
import { type SyncHook, syncHook } from './hooks/sync.ts'
import { typeBoxChecks } from './hooks/typebox-checks.ts'
import { type Edges, observerEdges } from './observer/edges.ts'
import { conferencesNow } from './observer/look-at-jicofo.ts'
import { observe } from './observer/observe.ts'
import { bearerProblem } from './service/bearer.ts'
import type { KeyPair } from './service/key-pair.ts'
import { defaultLimits, type Limits } from './service/limits.ts'
import { type Metrics, resultOf, serviceMetrics } from './service/metrics.ts'
import { randomPassword } from './service/password.ts'
import { requestText } from './service/request-text.ts'
import { limitedServer } from './service/server.ts'

/** What the service is made of; whatever is left out is what the product runs with. */
export interface AppOptions {
  version: string
  /** None: it logs nothing. */
  logger?: FastifyBaseLogger
  /** None: plain HTTP. Asked at the start, and for the figures. */
  tls?: () => KeyPair
  /** The tokens of which a caller of the hooks needs one, asked at each call; none: open hooks. */
  tokens?: () => readonly string[]
  limits?: Partial<Limits>
  /** The observer's way to Pods and Nodes. */
  edges?: Edges
  /** The way to the bridges behind GET /load. */
  loadEdges?: LoadEdges
  now?: () => Date
  password?: () => string
  reconcile?: SyncHook['reconcile']
  relatedRules?: CustomizeHook['relatedRules']
  observe?: (request: ObserveRequest) => Promise<ObserveResponse>
}

/** The whole service, ready to be injected into or to listen; it reads no environment itself. */
export function buildApp(options: AppOptions): Service {
  const metrics = serviceMetrics(options.version, options.tls)
  const app = emptyApp(options)
  app.setErrorHandler(failureAnswer)
  app.addHook('onRequest', notFound)
  healthRoutes(app, metrics)
  loadRoute(app, options.loadEdges)
  app.register(async hooks => {
    aroundHooks(hooks, options, metrics)
    hookRoutes(hooks, options, metrics)
  })
  return app
}

/** Before the body is read: of whoever calls something else than a hook nobody asks for a token. */
async function notFound({ is404, method }: FastifyRequest, reply: FastifyReply) {
  if (!is404) return
  const message = `There is no ${method} at this path. Hooks: POST /jitsi/sync, /jitsi/customize, /observe. Else: GET /healthz, /readyz, /metrics, /load/<namespace>/<jitsi>.`
  return reply.code(404).send({ error: 'NotFound', message })
}

function emptyApp({ logger, limits, tls }: AppOptions): Service {
  const allLimits = { ...defaultLimits, ...limits }
  const app: Service = Fastify({
    bodyLimit: allLimits.bodyBytes,
    serverFactory: listener => limitedServer(listener, allLimits, tls?.()),
    // What a caller sent last is still answered while the service stops.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: { compilersFactory: typeBoxChecks },
    ...(logger ? { loggerInstance: logger } : { logger: false }),
  })
  readJson(app)
  app.decorateRequest('madePasswords')
  app.addHook('onRequest', async request => {
    request.madePasswords = []
  })
  return app
}

/** JSON as Fastify reads it, but for what nobody here looks at. */
function readJson(app: Service) {
  // A ConfigMap may hold the key `__proto__`: no reason to refuse its Jitsi.
  const parse = app.getDefaultJsonParser('remove', 'remove')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', (request, body, done) => {
    requestText(request, body).then(text => parse(request, text, done), done)
  })
}

/** Who may call the hooks, whom their log lines are about, how long they took. */
function aroundHooks(app: Service, { tokens }: AppOptions, { hookSeconds }: Metrics) {
  app.addHook('onRequest', async (request, reply) => {
    const problem = tokens && bearerProblem(request.headers.authorization, tokens())
    if (problem === undefined) return
    request.log.warn({ hook: request.routeOptions.config.hook }, 'refused: no valid bearer token')
    reply.code(401).header('www-authenticate', 'Bearer')
    return reply.send({ error: 'Unauthorized', message: problem })
  })
  app.addHook('preValidation', async request => {
    const parent = parentReference(request.body)
    if (parent) request.log = request.log.child({ parent })
  })
  app.addHook('onResponse', async ({ routeOptions }, reply) => {
    const labels = { hook: routeOptions.config.hook ?? '', result: resultOf(reply.statusCode) }
    hookSeconds.observe(labels, reply.elapsedTime / 1000)
  })
}

function hookRoutes(app: Service, options: AppOptions, { decisions }: Metrics) {
  const edges = options.edges ?? observerEdges()
  const now = options.now ?? (() => new Date())
  syncHook(app, {
    reconcile: options.reconcile ?? reconcile,
    now,
    conferencesNow: jicofo => conferencesNow(jicofo, edges),
    password: options.password ?? randomPassword,
    onDecision: ({ reason }) => decisions.inc({ reason }),
  })
  customizeHook(app, { relatedRules: options.relatedRules ?? relatedRules })
  observeHook(app, { observe: options.observe ?? (request => observe(request, edges)) })
}

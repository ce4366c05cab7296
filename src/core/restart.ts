import type { JitsiStatus } from '../api/jitsi-status.ts'
import { secondsOf } from '../api/schema.ts'
import type { Context } from '../components/context.ts'
import { wantedCopy } from '../components/password-copies.ts'
import { visitorServers } from '../components/visitor-settings.ts'
import { label } from '../kube/annotations.ts'
import { timeText } from '../kube/conditions.ts'
import { canonicalJson } from '../kube/hash.ts'
import { appliedForm, hold } from '../kube/hold.ts'
import type { Deployment, KubeObject } from '../kube/types.ts'
import type { ConferencesNow } from './plan.ts'
import { lacksReference } from './references.ts'
import { jicofoFacts, lacksProsody, mayServe } from './signalling-pods.ts'

/*
 * Prosody and jicofo keep meetings in memory: a restart ends them all. A change of their Pods
 * waits until nobody meets, the maintenance window opens, or it has waited too long.
 */

/** Why a restart may go ahead now, or why it waits. */
export interface RestartGate {
  open: boolean
  reason: string
  message: string
  /** When to try again, where no change of what is observed may tell. */
  lookAgainSeconds?: number
  /** It depends on what jicofo says at this moment. */
  asksJicofo?: boolean
}

/** What decides about a restart beside spec and facts. */
export interface RestartSituation {
  /** Since when something waits, RFC 3339. */
  waitingSince: string | undefined
  /** Are bridges being replaced? */
  rolloutUnderWay: boolean
  conferencesNow: ConferencesNow | undefined
}

/** May prosody and jicofo be restarted now? */
export function restartGate(
  context: Context,
  { waitingSince, rolloutUnderWay, conferencesNow }: RestartSituation,
): RestartGate {
  const { spec, now } = context
  const waited = waitingSince ? (now.getTime() - new Date(waitingSince).getTime()) / 1000 : 0
  if (spec.disableGracefulUpgrade) return open('NotGraceful', 'disableGracefulUpgrade is set')
  if (waited > secondsOf(spec.maintenance.maxDeferral)) {
    return open('WaitedLongEnough', `it has waited for ${spec.maintenance.maxDeferral}`)
  }
  if (rolloutUnderWay && !lacksProsody(context)) {
    return wait('BridgeRollout', 'bridges are replaced first: see the condition Progressing')
  }
  if (isWindowOpen(context)) return open('MaintenanceWindow', 'the maintenance window is open')
  const facts = jicofoFacts(context)
  if (!facts?.reachable) return whilePeopleMeet(context, 'jicofo does not say whether meetings run')
  if (facts.conferences > 0) return whilePeopleMeet(context, `${facts.conferences} meetings run`)
  return whereNobodyMet(context, conferencesNow)
}

/**
 * How soon to ask jicofo once more, when what is written of it does not agree with what it says.
 */
const askAgainSeconds = 30

/** What was written last is no proof: the observer may be away, and people come at any moment. */
function whereNobodyMet(context: Context, conferencesNow: ConferencesNow | undefined): RestartGate {
  if (conferencesNow === undefined || conferencesNow === 0) {
    return open('NoConference', 'nobody meets')
  }
  if (typeof conferencesNow === 'number') {
    const gate = whilePeopleMeet(context, `${conferencesNow} meetings run`)
    return { ...gate, lookAgainSeconds: askAgainSeconds }
  }
  const gate = wait(
    'LookingAgain',
    'nobody met when jicofo was looked at last, but it does not say so at this moment; it is asked again until it does',
  )
  return { ...gate, lookAgainSeconds: askAgainSeconds, asksJicofo: conferencesNow === 'unasked' }
}

const whilePeopleMeet = ({ spec }: Context, meetings: string) =>
  wait(
    'ConferencesRunning',
    `${meetings}; it goes ahead when none does, or in the window from ${spec.maintenance.start} (${spec.timezone})`,
  )

const open = (reason: string, message: string): RestartGate => ({ open: true, reason, message })
const wait = (reason: string, message: string): RestartGate => ({ open: false, reason, message })

/** Is the daily window open, by the clock of the spec's time zone? */
function isWindowOpen(context: Context): boolean {
  return minutesSinceWindow(context) < secondsOf(context.spec.maintenance.duration) / 60
}

function minutesSinceWindow({ spec, now }: Context): number {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: spec.timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(now)
  const minutes = (text: string) => {
    const [hours = 0, minutes = 0] = text.split(':').map(Number)
    return hours * 60 + minutes
  }
  return (minutes(clock) - minutes(spec.maintenance.start) + 1440) % 1440
}

/** Seconds until the maintenance window opens next. */
export function secondsToWindow(context: Context): number {
  return (1440 - minutesSinceWindow(context)) * 60
}

/** Objects with every Deployment that may not restart now as it is. */
export interface Deferred {
  objects: KubeObject[]
  /** Names of Deployments that wait. */
  waiting: string[]
  waitingSince: string | undefined
}

/** Holds back changes of Pod templates, and what goes with them, while the gate is closed. */
export function deferRestarts(
  context: Context,
  build: (context: Context) => KubeObject[],
  gate: (waitingSince: string | undefined) => RestartGate,
): Deferred {
  const { rollout } = (context.jitsi.status ?? {}) as JitsiStatus
  const objects = build(withNextPasswords(context))
  const waiting = objects
    .filter(object => object.kind === 'Deployment')
    .filter(({ metadata }) => /-(prosody|jicofo|visitors-\d+)$/.test(metadata.name))
    .filter(object => restarts(context, object))
    .map(({ metadata }) => metadata.name)
  if (waiting.length === 0) return { objects, waiting, waitingSince: undefined }
  const waitingSince = rollout?.waitingSince ?? timeText(context.now)
  if (gate(waitingSince).open) return { objects, waiting: [], waitingSince: undefined }
  return {
    objects: build(withVisitorsThatRun(context)).map(object => {
      // A Service and a NetworkPolicy of the same name wait for nobody.
      if (object.kind !== 'Deployment' || !waiting.includes(object.metadata.name)) return object
      const observed = context.observed.deployments.get(object.metadata.name)
      return observed ? hold(observed) : object
    }),
    waiting,
    waitingSince,
  }
}

/** With the passwords that prosody gets at its next start, and all others with it. */
function withNextPasswords(context: Context): Context {
  // Whoever is left alone keeps the old passwords, and prosody and jicofo must agree.
  if (['prosody', 'jicofo'].some(part => lacksReference(context, part))) return context
  return { ...context, passwords: wantedCopy(context)?.metadata.name ?? context.passwords }
}

/**
 * With every server for visitors that jicofo still sends people to: until it restarts, all stay.
 */
function withVisitorsThatRun(context: Context): Context {
  const numbers = [...context.observed.deployments.values()]
    .map(({ metadata }) => Number(metadata.labels?.[label.visitors] ?? -1) + 1)
    .concat(visitorServers(context).length)
  const replicas = Math.max(...numbers)
  if (replicas === 0) return context
  const visitors = { ...context.spec.visitors, enabled: true, replicas }
  return { ...context, spec: { ...context.spec, visitors } }
}

/** Would answering this Deployment restart Pods that run? One without running Pods may restart. */
function restarts(context: Context, desired: KubeObject): boolean {
  const observed = context.observed.deployments.get(desired.metadata.name)
  if (!observed || !mayServe(context, observed)) return false
  const applied = appliedForm(observed) ?? observed
  return canonicalJson(templateOf(applied)) !== canonicalJson(templateOf(desired))
}

const templateOf = (object: Record<string, unknown>) =>
  (object.spec as Deployment['spec'] | undefined)?.template

/** Have prosody and jicofo settled: no Pod of an older template, none missing? */
export function isSettled({ observed }: Context, names: readonly string[]): boolean {
  return names.every(name => {
    const { spec, status, metadata } = observed.deployments.get(name) ?? {}
    return (
      status !== undefined &&
      (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
      (status.availableReplicas ?? 0) >= (spec?.replicas ?? 1) &&
      (status.updatedReplicas ?? 0) >= (spec?.replicas ?? 1)
    )
  })
}

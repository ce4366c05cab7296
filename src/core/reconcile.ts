import type { SyncRequest, SyncResponse } from '../api/metacontroller.ts'
import { signalling } from '../components/all.ts'
import type { Context } from '../components/context.ts'
import { recorderDecisions } from '../components/jibri/decisions.ts'
import { bridgesOf } from '../components/jvb/bridge.ts'
import { type FleetPlan, planFleet } from '../components/jvb/fleet.ts'
import { bridgeObjects } from '../components/jvb/objects.ts'
import { bridgeReason } from '../components/jvb/verdict.ts'
import { copyInUse, passwordCopies } from '../components/password-copies.ts'
import { secretVariables } from '../components/secret-variables.ts'
import { generatedSecret } from '../components/secrets.ts'
import { hold } from '../kube/hold.ts'
import { childName } from '../kube/names.ts'
import type { KubeObject } from '../kube/types.ts'
import { contextOf, resolveSpec } from './context.ts'
import { type Findings, judgementsOf } from './judgements.ts'
import type { ConferencesNow, Decision, Plan, PlanInputs } from './plan.ts'
import { specProblems } from './problems.ts'
import { holdUnresolved } from './references.ts'
import { makingSince, refusedBridge } from './refused.ts'
import { deferRestarts, isSettled, restartGate } from './restart.ts'
import { resync } from './resync.ts'
import { isRollingOut } from './rollout.ts'
import { type Scaling, scalingOf } from './scaling.ts'
import { canMovePeople, jicofoFacts, jicofoPod } from './signalling-pods.ts'
import { previousStatus, statusOf } from './status.ts'

/**
 * The plan: one request in, one answer out. It leaves everything as it is while the spec is wrong
 * or suspended, makes the passwords before anything that needs them, and then says what every
 * object should be.
 */
export function reconcile(request: SyncRequest, inputs: PlanInputs): Plan {
  const asked = contextOf(request, inputs.now)
  const problems = specProblems(asked)
  const bridges = bridgesOf(asked)
  const nothing = { context: asked, problems, bridges, ...undecided }
  if (problems.fatal.length > 0 || asked.spec.suspend === true) return holdAll(nothing)
  const secrets = [
    ...generatedSecret(asked, inputs.password),
    ...passwordCopies(asked),
    ...secretVariables(asked),
  ]
  const passwords = copyInUse(asked)
  if (passwords === undefined) return holdAll(nothing, secrets)
  const context = { ...asked, passwords }
  const scaling = scalingOf(context, bridges, request.controller)
  const { conferencesNow } = inputs
  return planAll({ ...nothing, context }, { secrets, scaling, conferencesNow })
}

const undecided = {
  fleet: undefined,
  withoutPort: [],
  refused: undefined,
  desired: 0,
  waiting: [],
  gate: undefined,
  missing: [],
} satisfies Partial<Findings>

/** Every child as it is, beside objects that must come first. */
function holdAll(findings: Findings, first: KubeObject[] = []): Plan {
  const { context, bridges } = findings
  const made = new Set(first.map(({ kind, metadata }) => `${kind}/${metadata.name}`))
  const held = context.observed.all
    .filter(({ kind, metadata }) => !made.has(`${kind}/${metadata.name}`))
    .map(hold)
  const previous = previousStatus(context)
  const said = previous.fleet?.desired
  const desired = Number.isSafeInteger(said) ? Number(said) : 0
  // Of a spec of the wrong shape nothing can be read, not even what status repeats of it; the shape
  // of one that is too large was not looked at.
  const shapeless = findings.problems.fatal.some(
    ({ reason }) => reason === 'WrongShape' || reason === 'SpecTooLarge',
  )
  const readable = shapeless ? { ...context, spec: resolveSpec({ domain: 'unknown' }) } : context
  const judged = {
    context: readable,
    bridges,
    fleet: undefined,
    desired,
    judgements: judgementsOf({ ...findings, context: readable, desired }),
    autoscaling: previous.autoscaling,
    // Whatever waits when this is over may be another change: its time begins then.
    waitingSince: undefined,
    makingSince: undefined,
  }
  const { url, ports } = previous
  const status = { ...statusOf(judged), ...(shapeless ? { url, ports } : {}) }
  return { response: { status: { ...status }, children: [...first, ...held] }, decisions: [] }
}

/** What the plan has before it looks at workloads. */
interface Prepared {
  secrets: KubeObject[]
  scaling: Scaling
  conferencesNow: ConferencesNow | undefined
}

function planAll(findings: Findings, { secrets, scaling, conferencesNow }: Prepared): Plan {
  const { context, bridges } = findings
  const { desired } = scaling
  const previous = previousStatus(context)
  const fleet = planFleet(context, bridges, {
    desired,
    jicofo: jicofoFacts(context),
    canMovePeople: canMovePeople(context),
    lastEvacuation: previous.rollout?.lastEvacuation,
    lastNumber: previous.fleet?.lastNumber,
    rolloutAllowed: isRolloutAllowed(context),
  })
  const jvb = bridgeObjects(context, bridges, fleet)
  const { withoutPort, created } = jvb
  const making = { previous, fleet, created, now: context.now }
  const since = makingSince(making)
  const refused = refusedBridge(making, since)
  const rolloutUnderWay = isRollingOut({ bridges, fleet, withoutPort, refused, now: context.now })
  const gate = (waitingSince: string | undefined) =>
    restartGate(context, { waitingSince, rolloutUnderWay, conferencesNow })
  const deferred = deferRestarts(context, signalling, gate)
  const resolved = holdUnresolved(context, deferred.objects)
  const all: Findings = {
    ...findings,
    fleet,
    desired,
    withoutPort,
    refused,
    waiting: deferred.waiting,
    gate: deferred.waiting.length > 0 ? gate(deferred.waitingSince) : undefined,
    missing: resolved.missing,
  }
  const status = statusOf({
    context,
    bridges,
    fleet,
    desired,
    judgements: [...judgementsOf(all), ...scaling.judgements],
    autoscaling: scaling.remembered,
    waitingSince: deferred.waitingSince,
    makingSince: since,
  })
  const response: SyncResponse = {
    status: { ...status },
    children: [...secrets, ...resolved.objects, ...jvb.objects, ...scaling.objects],
    ...resync(context, { bridges, fleet, scaling, gate: all.gate }),
  }
  return {
    response,
    decisions: [...decisionsOf(fleet, created), ...recorderDecisions(context, resolved.objects)],
    asks: all.gate?.asksJicofo ? jicofoPod(context) : undefined,
  }
}

/** One change at a time: bridges wait while prosody and jicofo are about to restart. */
function isRolloutAllowed(context: Context): boolean {
  const names = ['prosody', 'jicofo'].map(part => childName(context.instance, part))
  const started = names.some(name => context.observed.deployments.has(name))
  return !started || isSettled(context, names)
}

/** What was decided, or decided against, for metrics and the log. */
function decisionsOf(
  fleet: FleetPlan,
  created: { name: string; creation: { reason: string; message: string } }[],
): Decision[] {
  return [
    ...[...fleet.verdicts].map(([object, { reason, message }]) => ({ reason, message, object })),
    ...created.map(({ name, creation: { reason, message } }) => ({
      reason,
      message,
      object: name,
    })),
    ...(fleet.frozen
      ? [left(bridgeReason.AllBridgesUnjoined, 'all bridges are without XMPP')]
      : []),
    ...(fleet.evacuationBlocked
      ? [left(fleet.evacuationBlocked.reason, fleet.evacuationBlocked.message)]
      : []),
  ]
}

const left = (reason: string, message: string): Decision => ({ reason, message })

import type { Context } from '../components/context.ts'
import { computedSettings } from '../components/environment.ts'
import { recorderStopSeconds } from '../components/jibri/template.ts'
import { bridgeStopSeconds } from '../components/jvb/template.ts'
import { secretAdvice } from '../components/secret-variables.ts'
import { passwordProblems } from '../components/secrets.ts'
import { excerpt } from '../settings/excerpt.ts'
import { type Problem, settingProblems } from '../settings/settings.ts'
import { autoscalingProblems } from './autoscaling-problems.ts'
import { shapeProblems } from './shape-problems.ts'
import { specTooLarge } from './size-problem.ts'
import { unknownFieldProblems } from './unknown-field-problems.ts'

/**
 * What is wrong with a spec, most important first. With any `fatal` problem the plan changes
 * nothing; the others are said, and everything else goes on.
 */
export interface SpecProblems {
  fatal: Problem[]
  minor: Problem[]
}

type Check = (context: Context) => Problem[]

/** Checks that only make sense on a spec of the right shape, in the order of their importance. */
const checks: Check[] = [nameWithDots, unsupportedImage, unknownTimezone, limitsCrossed]

/** Everything that is wrong with the spec of a Jitsi. */
export function specProblems(context: Context): SpecProblems {
  // First, for whatever else looks at a spec takes the longer the larger it is.
  const size = specTooLarge(context.spec)
  if (size.length > 0) return { fatal: size, minor: [] }
  const shape = shapeProblems(context.spec)
  if (shape.length > 0) return { fatal: shape, minor: [] }
  return {
    fatal: checks.flatMap(check => check(context)),
    minor: [
      ...passwordProblems(context),
      ...autoscalingProblems(context),
      ...unknownFieldProblems(context.spec),
      ...imageMoves(context),
      ...stopsTooSoon(context),
      ...settingProblems(context.spec.variables, computedSettings(context), secretAdvice),
    ],
  }
}

/** The API server refuses it too; a CRD of an older release did not. */
function nameWithDots({ instance }: Context): Problem[] {
  if (!instance.includes('.')) return []
  return [
    {
      path: 'metadata.name',
      reason: 'NameWithDots',
      message: `metadata.name: ${instance} has dots in it, and Services, which are named after it, must not; make a Jitsi of another name`,
    },
  ]
}

/** The first release with rootless images; everything we render is for those. */
const firstRelease = 11146

function unsupportedImage({ spec }: Context): Problem[] {
  const images: [string, string][] = [
    ['spec.image.tag', spec.image.tag],
    ...(['web', 'prosody', 'jicofo', 'jvb'] as const).map((component): [string, string] => [
      `spec.${component}.image`,
      spec[component].image ?? '',
    ]),
  ]
  return images
    .filter(
      ([, image]) => Number(/(?:^|:)stable-(\d+)/.exec(image)?.[1] ?? firstRelease) < firstRelease,
    )
    .map(([path, image]) => ({
      path,
      reason: 'UnsupportedImage',
      message: `${path}: ${image} is older than stable-${firstRelease}, whose images run without root; use stable-11146-2 or later; nothing is changed until then`,
    }))
}

const withImages = [
  'web',
  'prosody',
  'jicofo',
  'jvb',
  'visitors',
  'jibri',
  'jigasi',
  'transcriber',
  'etherpad',
  'whiteboard',
  'coturn',
] as const

/** Each release takes the place of the one before it under the same tag. */
const movingTags = new Set(['latest', 'stable', 'unstable'])

/** A node keeps what it pulled, and bridges of two releases share no meeting. */
function imageMoves({ spec }: Context): Problem[] {
  const images = withImages.map(part => [`spec.${part}.image`, spec[part].image ?? ''] as const)
  return [
    ...(movingTags.has(spec.image.tag) ? [['spec.image.tag', spec.image.tag] as const] : []),
    ...images.filter(([, image]) => isMoving(image)),
  ].map(([path, image]) => ({
    path,
    reason: 'ImageMoves',
    message: `${path}: ${excerpt(image)} is another release as soon as there is one, Pods that start later run that beside older ones, and no rollout replaces those; name the release, such as stable-11146-2, or a digest (@sha256:…)`,
  }))
}

function isMoving(image: string): boolean {
  if (image === '' || image.includes('@')) return false
  const [, tag = 'latest'] = image.slice(image.lastIndexOf('/') + 1).split(':')
  return movingTags.has(tag)
}

function unknownTimezone({ spec }: Context): Problem[] {
  const zones: [string, string][] = [
    ['spec.timezone', spec.timezone],
    ...spec.jvb.autoscaling.schedule.map(({ timezone }, index): [string, string] => [
      `spec.jvb.autoscaling.schedule[${index}].timezone`,
      timezone ?? 'UTC',
    ]),
  ]
  return zones
    .filter(([, zone]) => !isTimezone(zone))
    .map(([path, zone]) => ({
      path,
      reason: 'UnknownTimezone',
      message: `${path}: ${JSON.stringify(zone)} is no IANA time zone; write one such as Europe/Paris or UTC`,
    }))
}

/** Asking Intl costs a millisecond, and every call of the hook asks. */
const wellKnownZones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])

function isTimezone(timeZone: string): boolean {
  if (wellKnownZones.has(timeZone)) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

/** The longer time counts: Kubernetes would kill the Pod in the middle of a meeting or a film. */
function stopsTooSoon(context: Context): Problem[] {
  const least = [
    { part: 'jvb', field: 'drain.timeout', seconds: bridgeStopSeconds(context) },
    { part: 'jibri', field: 'stopTimeout', seconds: recorderStopSeconds(context) },
  ] as const
  return least.flatMap(({ part, field, seconds }) => {
    const given = context.spec[part].terminationGracePeriodSeconds
    const path = `spec.${part}.terminationGracePeriodSeconds`
    if (given === undefined || given >= seconds) return []
    return [
      {
        path,
        reason: 'StopsTooSoon',
        message: `${path}: ${given} is less than what spec.${part}.${field} asks for, ${seconds}, which counts; lower that instead`,
      },
    ]
  })
}

function limitsCrossed({ spec }: Context): Problem[] {
  const { type, minReplicas, maxReplicas } = spec.jvb.strategy
  if (type !== 'autoscaled' || minReplicas <= maxReplicas) return []
  return [
    {
      path: 'spec.jvb.strategy.minReplicas',
      reason: 'LimitsCrossed',
      message: `spec.jvb.strategy.minReplicas: ${minReplicas} is more than maxReplicas, ${maxReplicas}; raise the one or lower the other`,
    },
  ]
}

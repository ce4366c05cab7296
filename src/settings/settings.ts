import { excerpt } from './excerpt.ts'
import type { Component, SettingType } from './known-settings.ts'
import { nearest } from './nearest.ts'
import { settings } from './stable-11146-2.ts'
import { type Rule, valueRules } from './values.ts'

/*
 * `spec.variables` takes any setting of docker-jitsi-meet. The images say nothing about a name
 * that they do not read or a value that they cannot use, so we do.
 */

export type { Component } from './known-settings.ts'

/** One mistake in the spec: where it is, what is wrong, and why as a constant. */
export interface Problem {
  /** Path of the field, such as `spec.variables.ENABLE_LOBBY`. */
  path: string
  /** A sentence: what is wrong, the value got (never a secret's), what is allowed. */
  message: string
  /** A stable CamelCase constant. */
  reason: string
}

/** Whether the component's image reads the setting; what it does not read is not handed to it. */
export function knows(component: Component, name: string): boolean {
  return Object.hasOwn(settings[component], name)
}

/** The release whose images the lists are made from; what a newer one reads goes into `env`. */
export const knownRelease = 'stable-11146-2'

const components = Object.keys(settings) as Component[]
const everyName = [...new Set(components.flatMap(component => Object.keys(settings[component])))]

/** The setting that someone who wrote `name` most likely meant; undefined if none is close. */
export function nearestKnown(name: string): string | undefined {
  return nearest(name.toUpperCase(), everyName)
}

/**
 * Whether a setting holds something that must not stand in a spec, which many people can read.
 * The names end in what they hold; a path, an id or a name of a key is no secret.
 */
export function isSecret(name: string): boolean {
  return /(PASSWORD|_SECRET|_BINDPW|_CREDENTIALS|_TOKEN|_PRIVATE_KEY)$/.test(name)
}

/** Does any image of this release read the setting? */
export const isKnown = (name: string): boolean =>
  components.some(component => knows(component, name))

type Check = (name: string, value: string) => Problem | undefined

const problem = (name: string, reason: string, message: string): Problem => ({
  path: `spec.variables.${name}`,
  reason,
  message: `spec.variables.${excerpt(name)}: ${message}`,
})

const secretInClearText =
  (advice: (name: string) => string): Check =>
  name =>
    isSecret(name)
      ? problem(
          name,
          'SettingIsSecret',
          `a secret must not be written into the spec, which many can read: ${advice(name)}`,
        )
      : undefined

/**
 * Hints are for slips of the pen: whoever has more unknown names than this made another mistake,
 * and each hint compares a name with all settings there are.
 */
const mostHints = 10

const readByNoImage =
  (hinted: ReadonlySet<string>): Check =>
  name => {
    if (isKnown(name)) return undefined
    const meant = hinted.has(name) ? nearestKnown(name) : undefined
    const hint = meant ? `; did you mean ${meant}?` : ''
    return problem(name, 'SettingUnknown', `no image of ${knownRelease} reads it${hint}`)
  }

const allowed: Record<SettingType, Rule | undefined> = {
  boolean: { pattern: /^(0|1|true|false|True|False|TRUE|FALSE)$/, words: 'true, false, 1 or 0' },
  flag: { pattern: /^[01]$/, words: '1 or 0 (the image reads “true” as 0 here)' },
  integer: { pattern: /^-?[0-9]+$/, words: 'a whole number' },
  string: undefined,
}

/** Components may differ in what they take a setting for: a value has to suit all of them. */
const valueOfWrongType: Check = (name, value) => {
  // The images take an empty setting for one that is not set.
  if (value === '') return undefined
  const types = components.map(component => settings[component][name] ?? 'string')
  const rules = [valueRules[name], ...types.map(type => allowed[type])]
  const misfit = rules.find(rule => rule && !rule.pattern.test(value))
  return (
    misfit &&
    problem(
      name,
      'SettingInvalid',
      `got ${JSON.stringify(excerpt(value))}, allowed is ${misfit.words}`,
    )
  )
}

const hasField =
  (typedNames: ReadonlyMap<string, string>): Check =>
  name => {
    const field = typedNames.get(name)
    return field
      ? problem(name, 'SettingHasField', `it is worked out from ${field}; change that instead`)
      : undefined
  }

/**
 * What is wrong with `spec.variables`, at most one problem a name, sorted by name. `typedNames`
 * maps settings that we write ourselves to the field of the spec that decides them; `secretAdvice`
 * says where a secret belongs.
 */
export function settingProblems(
  variables: Readonly<Record<string, string>>,
  typedNames: ReadonlyMap<string, string>,
  secretAdvice: (name: string) => string,
): Problem[] {
  const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1))
  const unknown = sorted.map(([name]) => name).filter(name => !isKnown(name))
  // What is decided elsewhere is not used, secret or not. A secret comes before all that might
  // repeat its value.
  const checks = [
    hasField(typedNames),
    secretInClearText(secretAdvice),
    readByNoImage(new Set(unknown.slice(0, mostHints))),
    valueOfWrongType,
  ]
  return sorted.flatMap(([name, value]) => {
    for (const check of checks) {
      const found = check(name, value)
      if (found) return [found]
    }
    return []
  })
}

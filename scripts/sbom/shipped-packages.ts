import { execFileSync } from 'node:child_process'

/** One package. */
export interface Component {
  name: string
  version: string
  'bom-ref': string
  properties?: { name: string; value: string }[]
}

/** CycloneDX, as far as it is looked at here. */
export interface Sbom {
  bomFormat: string
  components: Component[]
  dependencies: { ref: string; dependsOn?: string[] }[]
}

const flags = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application']

/**
 * A CycloneDX list of the packages that the image holds. `npm sbom --omit=dev` would leave out
 * those that a development package needs as well (npm 11.19), so what is for development alone is
 * taken off the whole list.
 */
export function shippedPackages(): Sbom {
  const whole = JSON.parse(
    execFileSync('npm', ['sbom', ...flags], { encoding: 'utf8', maxBuffer: 2 ** 28 }),
  ) as Sbom
  const forDevelopment = new Set(
    whole.components.filter(isForDevelopment).map(component => component['bom-ref']),
  )
  const isShipped = (ref: string) => !forDevelopment.has(ref)
  return {
    ...whole,
    components: whole.components.filter(component => isShipped(component['bom-ref'])),
    dependencies: whole.dependencies
      .filter(({ ref }) => isShipped(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isShipped) })),
  }
}

const isForDevelopment = ({ properties = [] }: Component) =>
  properties.some(({ name, value }) => name.endsWith(':development') && value === 'true')

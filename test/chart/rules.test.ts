import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { dump, load } from 'js-yaml'
import t, { type Test } from 'tap'
import type { KubeObject } from '../../src/kube/types.ts'
import { serviceMetrics } from '../../src/service/metrics.ts'
import { repositoryRoot } from '../cluster/repository.ts'
import { fullSpec, renderedFull } from '../components/full-jitsi.ts'
import { servedMetrics } from '../components/served-metrics.ts'
import { selfSigned } from '../service/self-signed.ts'
import { chartFolder, findHelm, findProgram, rendered } from './chart.ts'

/*
 * Alerts and dashboards before Prometheus' own eyes: promtool checks what is asked, and plays
 * figures to the alerts. Needs promtool (scripts/fetch-promtool.sh) and helm, else it is skipped.
 */

const promtool = findProgram('promtool', 'promtool')
const helm = findHelm()
const skip = (promtool === undefined || helm === undefined) && 'no promtool or no helm'

/** What is asked of Prometheus. */
interface Rules {
  groups: { name: string; rules: { alert?: string; record?: string; expr: string }[] }[]
}

const values = {
  controllers: { optionalKinds: { monitoring: 'always' } },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  dashboards: { enabled: true, annotations: { grafana_folder: 'Jitsi' } },
}

const rulesIn = (objects: readonly KubeObject[]) =>
  objects.find(({ kind }) => kind === 'PrometheusRule')?.spec as Rules

const sources: Record<string, () => Rules> = {
  jitsi: () => rulesIn(renderedFull(fullSpec)),
  operator: () => rulesIn(rendered(helm ?? '', values)),
}

function run(t: Test, args: string[]) {
  try {
    execFileSync(promtool ?? '', args, { encoding: 'utf8', stdio: 'pipe' })
    t.pass(args.join(' '))
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    t.fail(`${stdout}${stderr}`)
  }
}

function folderWith(rules: Rules): string {
  const folder = mkdtempSync(join(tmpdir(), 'jitsi-operator-rules-'))
  writeFileSync(join(folder, 'alerts.yaml'), dump(rules))
  return folder
}

for (const [name, rulesOf] of Object.entries(sources)) {
  t.test(`alerts of the ${name}`, { skip }, async t => {
    const rules = rulesOf()
    const folder = folderWith(rules)
    const played = join(folder, 'played.yaml')
    const file = join(repositoryRoot, `test/chart/rules/${name}.yaml`)
    cpSync(file, played)

    t.test('are rules that Prometheus takes', async t => {
      run(t, ['check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'alerts.yaml')])
    })
    t.test('are raised when they should be, and not otherwise', async t => {
      run(t, ['test', 'rules', played])
    })
    t.test('are all played: raised in one case, quiet in another', async t => {
      const { tests } = load(readFileSync(file, 'utf8')) as {
        tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
      }
      const cases = tests.flatMap(it => it.alert_rule_test)
      for (const { alert } of rules.groups.flatMap(group => group.rules)) {
        const of = cases.filter(({ alertname }) => alertname === alert)
        t.ok(
          of.some(({ exp_alerts }) => exp_alerts.length > 0),
          `${alert} is raised`,
        )
        t.ok(
          of.some(({ exp_alerts }) => exp_alerts.length === 0),
          `${alert} is not raised`,
        )
      }
    })
  })
}

/** What the service serves, with the parts of histograms. */
async function ownMetrics(): Promise<Set<string>> {
  const tls = () => selfSigned('any')
  const metrics = await serviceMetrics('0', tls).registry.getMetricsAsJSON()
  return new Set(
    metrics.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
  )
}

const dashboards = readdirSync(join(chartFolder, 'files/dashboards'))

interface Dashboard {
  uid: string
  panels: { id: number; title: string; targets: { expr: string }[] }[]
  templating: { list: { name: string; query: unknown }[] }
}

for (const file of dashboards) {
  const text = readFileSync(join(chartFolder, 'files/dashboards', file), 'utf8')
  const { uid, panels, templating } = JSON.parse(text) as Dashboard
  const asked = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })))

  t.test(`the dashboard ${file}`, async t => {
    t.equal(`${uid}.json`, file, 'is called like its file')
    t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, 'has panels of their own')
    const known = new Set(templating.list.map(({ name }) => name))
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name)
    t.strictSame(
      used.filter(name => !known.has(name)),
      [],
      'uses variables that it has',
    )

    t.test('asks for figures that are served', async t => {
      const names = asked.flatMap(({ expr }) => expr.match(/\b(jitsi|process)_\w+/g) ?? [])
      const own = await ownMetrics()
      t.not(names.length, 0)
      t.strictSame(
        names.filter(name => !servedMetrics.has(name) && !own.has(name)),
        [],
      )
    })
    t.test('asks what Prometheus understands', { skip }, async t => {
      const rules = asked.map(({ expr }, index) => ({ record: `panel:target:${index}`, expr }))
      const folder = folderWith({ groups: [{ name: 'dashboard', rules }] })
      run(t, ['check', 'rules', join(folder, 'alerts.yaml')])
    })
  })
}

t.test('each dashboard is a ConfigMap that Grafana’s sidecar finds', { skip }, async t => {
  const found = rendered(helm ?? '', values).filter(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.grafana_dashboard === '1',
  )
  const files = found.flatMap(({ data }) => Object.keys(data as Record<string, string>))
  t.strictSame(files.sort(), dashboards.map(file => basename(file)).sort())
  for (const { data, metadata } of found) {
    t.equal(metadata.annotations?.grafana_folder, 'Jitsi')
    for (const [file, text] of Object.entries(data as Record<string, string>)) {
      t.strictSame(
        JSON.parse(text),
        JSON.parse(readFileSync(join(chartFolder, 'files/dashboards', file), 'utf8')),
      )
    }
  }
})

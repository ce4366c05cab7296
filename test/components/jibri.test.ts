import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { JibriSpec } from '../../src/api/jibri-spec.ts'
import { desiredRecorders, type Pool, planPool } from '../../src/components/jibri/pool.ts'
import { mayRecord, type Recorder, recordersOf } from '../../src/components/jibri/recorder.ts'
import { finalizeScript, uploadScript } from '../../src/components/jibri/scripts.ts'
import type { ConfigMap, KubeObject, Pod } from '../../src/kube/types.ts'
import { changes, context, environmentOf, find, now, planned, rendered } from './rendered.ts'

const bucket = { host: 'https://s3.example.org', name: 'films', secret: { name: 's3' } }
const keys: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's3', namespace: 'school' },
  data: { ACCESS_KEY: 'eA==', SECRET_KEY: 'eA==' },
}
const on = (jibri: object = {}) => ({ jibri: { enabled: true, ...jibri } })

const seconds = (count: number) => new Date(now.getTime() - count * 1000).toISOString()
const facts = (busyStatus: string, reachable = true, age = 0) =>
  JSON.stringify({ reachable, since: seconds(age), at: seconds(age), busyStatus })

/** The recorder as a plan made it, and as the cluster and the observer went on. */
function observed(
  spec: object,
  observation: { facts?: string; phase?: string; index?: number } = {},
) {
  const made = find<Pod>(rendered(spec, { related: [keys] }), 'Pod', 'meet-jibri-0')
  const { facts, phase = 'Running', index = 0 } = observation
  return {
    ...made,
    metadata: {
      ...made.metadata,
      name: `meet-jibri-${index}`,
      annotations: { ...made.metadata.annotations, ...(facts && { 'apps.jit.si/facts': facts }) },
    },
    status: { phase, startTime: seconds(60) },
  } as Pod
}

const recordersIn = (objects: KubeObject[]) =>
  objects.filter(({ kind, metadata }) => kind === 'Pod' && metadata.name.includes('jibri'))
const names = (objects: KubeObject[]) => recordersIn(objects).map(({ metadata }) => metadata.name)

t.test('is absent when off, and leaves nothing behind', async t => {
  t.strictSame(
    rendered().filter(({ metadata }) => metadata.name.includes('jibri')),
    [],
  )
  const idle = observed(on(), { facts: facts('IDLE') })
  const after = rendered({}, { children: [idle] })
  t.notOk(names(after).length, 'an idle recorder goes at once')
})

t.test('changes no bridge when switched on', async t => {
  const changed = changes(rendered(), rendered(on()))
  t.strictSame(changed, [
    'Deployment/meet-jicofo',
    'Deployment/meet-prosody',
    'Deployment/meet-web',
    'NetworkPolicy/meet-jibri',
    'NetworkPolicy/meet-prosody',
    'Pod/meet-jibri-0',
    'PodDisruptionBudget/meet-jibri',
  ])
})

t.test('hands its passwords to those who need them, and only then', async t => {
  const has = (spec: object) =>
    'JIBRI_XMPP_PASSWORD' in environmentOf(find(rendered(spec), 'Deployment', 'meet-prosody'))
  t.equal(has({}), false)
  t.equal(has(on()), true)
  t.equal(has({ variables: { ENABLE_RECORDING: '1' } }), true, 'for recorders run elsewhere too')
})

t.test('tells browsers what there is to record', async t => {
  const web = (jibri: object) => {
    const env = environmentOf(find(rendered({ jibri }), 'Deployment', 'meet-web'))
    return [env.ENABLE_RECORDING, env.ENABLE_SERVICE_RECORDING, env.ENABLE_LIVESTREAMING]
  }
  t.strictSame(web({}), ['0', undefined, undefined])
  t.strictSame(web({ enabled: true }), ['1', undefined, undefined])
  t.strictSame(web({ enabled: true, recording: false, livestreaming: true }), ['1', '0', '1'])
})

t.test('has the memory that the image asks for, and no right that it does not need', async t => {
  const { spec } = find<Pod>(rendered(on()), 'Pod', 'meet-jibri-0')
  t.match(
    spec.volumes?.find(({ name }) => name === 'shm'),
    { emptyDir: { medium: 'Memory', sizeLimit: '2Gi' } },
  )
  t.match(spec.containers[0]?.securityContext, {
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  })
})

const states: [string, Parameters<typeof observed>[1], Recorder['state'], may: boolean][] = [
  ['not running yet', { phase: 'Pending' }, 'Starting', false],
  ['running and never seen', {}, 'Silent', true],
  ['idle', { facts: facts('IDLE') }, 'Idle', false],
  ['busy', { facts: facts('BUSY') }, 'Busy', true],
  ['silent, idle when last seen', { facts: facts('IDLE', false, 30) }, 'Silent', true],
  ['through with its one recording', { facts: facts('EXPIRED') }, 'Expired', false],
  ['ended', { facts: facts('BUSY'), phase: 'Succeeded' }, 'Ended', false],
  ['half written facts', { facts: '{"reachable":true' }, 'Silent', true],
]
for (const [name, observation, state, may] of states) {
  t.test(`a recorder that is ${name} is ${state}`, async t => {
    const [recorder] = recordersOf(context(on(), { children: [observed(on(), observation)] }))
    t.equal(recorder?.state, state)
    t.equal(recorder && mayRecord(recorder), may)
  })
}

t.test('never deletes a recorder that may record', async t => {
  for (const [name, observation, , may] of states) {
    const pod = observed(on(), observation)
    for (const spec of [{}, on({ replicas: 0 }), on({ nodeSelector: { pool: 'new' } })]) {
      const kept = names(rendered(spec, { children: [pod] })).includes('meet-jibri-0')
      if (may) t.ok(kept, `${name}, ${JSON.stringify(spec)}`)
    }
  }
})

/** Recorders in short: `Idle`, `Busy`, …; those with `-old` are outdated, with `-lost` given up. */
const pool = (...states: string[]): Recorder[] =>
  states.map((text, index) => {
    const [state, mark] = text.split('-')
    return {
      name: String(index),
      pod: {} as Pod,
      index,
      state: state as Recorder['state'],
      revision: mark === 'old' ? 'old' : 'new',
      lost: mark === 'lost',
    }
  })

const cases: [
  string,
  Partial<JibriSpec>,
  string[],
  removed: Record<string, string>,
  created: number,
][] = [
  ['makes those that are missing', { replicas: 3 }, ['Idle'], {}, 2],
  ['a hundred at once at most', { replicas: 250 }, ['Idle'], {}, 100],
  [
    'removes those that never served first',
    { replicas: 1 },
    ['Idle', 'Starting'],
    { 1: 'RecorderSurplus' },
    0,
  ],
  [
    'removes idle ones, never busy ones',
    { replicas: 0 },
    ['Busy', 'Idle', 'Silent'],
    { 1: 'RecorderSurplus' },
    0,
  ],
  ['replaces what ended', { replicas: 1 }, ['Ended'], { 0: 'RecorderThrough' }, 1],
  ['replaces what served once', { replicas: 1 }, ['Expired'], { 0: 'RecorderThrough' }, 1],
  ['waits for what Kubernetes deletes', { replicas: 1 }, ['Terminating', 'Idle'], {}, 0],
  ['makes the new one first', { replicas: 1 }, ['Idle-old'], {}, 1],
  [
    'keeps the old one until the new one is there',
    { replicas: 1 },
    ['Idle-old', 'Starting'],
    {},
    0,
  ],
  ['then removes the old one', { replicas: 1 }, ['Idle-old', 'Idle'], { 0: 'RecorderOutdated' }, 0],
  ['goes on one by one', { replicas: 3 }, ['Idle-old', 'Idle-old', 'Idle-old'], {}, 1],
  ['leaves an outdated one that records', { replicas: 1 }, ['Busy-old', 'Idle'], {}, 0],
  ['keeps some free', { replicas: 1, minIdle: 2 }, ['Busy', 'Idle'], {}, 1],
  ['up to a limit', { replicas: 1, minIdle: 2, maxReplicas: 2 }, ['Busy', 'Busy'], {}, 0],
  [
    'and lets them go again',
    { replicas: 1, minIdle: 1 },
    ['Idle', 'Idle', 'Idle'],
    { 1: 'RecorderSurplus', 2: 'RecorderSurplus' },
    0,
  ],
  ['puts another in the place of one that is silent', { replicas: 1 }, ['Silent-lost'], {}, 1],
  ['but not for ever', { replicas: 1 }, ['Silent-lost', 'Silent-lost'], {}, 0],
  ['does nothing about a short silence', { replicas: 1 }, ['Silent'], {}, 0],
]
const reasonsOf = ({ removed }: Pool) =>
  Object.fromEntries([...removed].map(([name, { reason }]) => [name, reason]))

for (const [name, spec, states, removed, created] of cases) {
  t.test(`the pool ${name}`, async t => {
    const defaults = { enabled: true, minIdle: 0, maxReplicas: 10 } as JibriSpec
    const plan = planPool({ ...defaults, ...spec }, pool(...states), 'new')
    t.strictSame({ removed: reasonsOf(plan), created: plan.created }, { removed, created })
  })
}

t.test('every recorder that comes or goes has a reason', async t => {
  const told = (spec: object, recorder?: Pod) =>
    planned(spec, { children: recorder ? [recorder] : [], related: [] })
      .decisions.filter(({ object }) => object?.includes('jibri'))
      .map(({ reason, object }) => `${reason} ${object}`)
  const idle = observed(on(), { facts: facts('IDLE') })
  const ended = { ...idle, status: { phase: 'Succeeded' } }
  t.strictSame(told({}), [])
  t.strictSame(told(on()), ['RecorderNeeded meet-jibri-0'])
  t.strictSame(told(on(), idle), [])
  t.strictSame(told({}, idle), ['RecorderSurplus meet-jibri-0'])
  t.strictSame(told(on(), ended), ['RecorderThrough meet-jibri-0', 'RecorderNeeded meet-jibri-1'])
  t.strictSame(told(on({ bucket }), ended), ['RecorderThrough meet-jibri-0'], 'none is made now')
})

t.test('wants none when off', async t => {
  t.equal(desiredRecorders({ enabled: false, replicas: 3 } as JibriSpec, []), 0)
})

t.test('rests once everything is there', async t => {
  const first = rendered(on())
  const pods = recordersIn(first).map(
    pod =>
      ({
        ...pod,
        metadata: {
          ...pod.metadata,
          annotations: { ...pod.metadata.annotations, 'apps.jit.si/facts': facts('BUSY') },
        },
        status: { phase: 'Running' },
      }) as unknown as KubeObject,
  )
  const again = rendered(on(), { children: pods })
  t.strictSame(names(again), names(first))
  t.strictSame(
    changes(recordersIn(first), recordersIn(again)),
    [],
    'not even an annotation changes',
  )
})

t.test('says whether somebody can record', async t => {
  const said = (pods: KubeObject[]) => {
    const { conditions } = planned(on(), { children: pods }).response.status
    const all = conditions as { type: string; reason: string }[]
    return all.find(({ type }) => type === 'RecordersAvailable')?.reason
  }
  t.equal(said([]), 'NoRecorder')
  t.equal(said([observed(on(), { facts: facts('IDLE') })]), 'RecordersFree')
  t.equal(said([observed(on(), { facts: facts('BUSY') })]), 'AllBusy')
  const { conditions } = planned().response.status
  t.notMatch(JSON.stringify(conditions), 'Recorders', 'nothing where recording is off')
})

t.test('protects the recorders that record', async t => {
  const pods = [
    observed(on({ replicas: 2 }), { facts: facts('BUSY') }),
    observed(on({ replicas: 2 }), { facts: facts('IDLE'), index: 1 }),
  ]
  const objects = rendered(on({ replicas: 2 }), { children: pods })
  const evict = (name: string) =>
    find(objects, 'Pod', name).metadata.annotations?.[
      'cluster-autoscaler.kubernetes.io/safe-to-evict'
    ]
  t.equal(evict('meet-jibri-0'), 'false')
  t.equal(evict('meet-jibri-1'), 'true')
  t.match(find(objects, 'PodDisruptionBudget', 'meet-jibri').spec, { minAvailable: 1 })
})

t.test('shares a volume for recordings', async t => {
  const persistence = { enabled: true, accessMode: 'ReadWriteMany' }
  const objects = rendered(on({ persistence }))
  t.match(find(objects, 'PersistentVolumeClaim', 'meet-jibri').spec, {
    accessModes: ['ReadWriteMany'],
  })
  const [container] = find<Pod>(objects, 'Pod', 'meet-jibri-0').spec.containers
  t.match(
    container?.volumeMounts?.find(({ name }) => name === 'recordings'),
    { mountPath: '/storage/recordings' },
  )
})

t.test('uploads to a bucket', async t => {
  const objects = rendered(on({ bucket }), { related: [keys] })

  t.test('with keys from a Secret and nowhere else', async t => {
    const env = environmentOf(find(objects, 'Pod', 'meet-jibri-0'))
    t.match(env, {
      RECORDING_TARGET: 'films',
      RCLONE_CONFIG_RECORDINGS_ENDPOINT: 'https://s3.example.org',
      RCLONE_CONFIG_RECORDINGS_SECRET_ACCESS_KEY: {
        secretKeyRef: { name: 's3', key: 'SECRET_KEY' },
      },
    })
    const { data } = find<ConfigMap>(objects, 'ConfigMap', 'meet-jibri')
    t.notMatch(JSON.stringify(data), 'SECRET_KEY')
  })

  t.test('with scripts that bash understands', async t => {
    const dir = t.testdir({})
    for (const [name, text] of Object.entries({ finalizeScript, upload: uploadScript(60) })) {
      const file = join(dir, name)
      writeFileSync(file, text)
      t.equal(execFileSync('bash', ['-n', file]).toString(), '', name)
    }
  })
})

t.test('the upload', async t => {
  /** The script among real folders, with an rclone that fails so many times and then moves. */
  function upload(t: Test, failures: number) {
    const dir = t.testdir({
      bin: {},
      storage: { a: { film: 'x', '.finished': '' }, b: { film: 'y' } },
      target: {},
    })
    const storage = join(dir, 'storage')
    const rclone = `#!/bin/bash
echo "$@" >>${dir}/calls
[ "$(wc -l <${dir}/calls)" -le ${failures} ] && exit 1
args=("$@"); from=\${args[-2]}
mkdir -p "${dir}/target/\${from##*/}" && mv "$from/film" "${dir}/target/\${from##*/}/"
`
    writeFileSync(join(dir, 'bin/rclone'), rclone)
    writeFileSync(join(dir, 'bin/sleep'), '#!/bin/bash\n')
    for (const name of ['rclone', 'sleep']) chmodSync(join(dir, 'bin', name), 0o755)
    const script = uploadScript(3600).replaceAll('/storage/recordings', storage)
    writeFileSync(join(dir, 'upload.sh'), script)
    let failed = false
    try {
      execFileSync('bash', [join(dir, 'upload.sh'), '3'], {
        stdio: 'ignore',
        env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}`, RECORDING_TARGET: 'films' },
      })
    } catch {
      failed = true
    }
    const calls = readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n').length
    return { dir, storage, failed, calls }
  }

  t.test('moves what is finished, and leaves what is still recorded', async t => {
    const { dir, storage, failed } = upload(t, 0)
    t.equal(failed, false)
    t.ok(existsSync(join(dir, 'target/a/film')))
    t.notOk(existsSync(join(storage, 'a')))
    t.ok(existsSync(join(storage, 'b/film')))
  })

  t.test('tries again', async t => {
    const { dir, failed, calls } = upload(t, 2)
    t.equal(failed, false)
    t.equal(calls, 3)
    t.ok(existsSync(join(dir, 'target/a/film')))
  })

  t.test('keeps what could not be uploaded', async t => {
    const { storage, failed, calls } = upload(t, 9)
    t.equal(failed, true)
    t.equal(calls, 3)
    t.ok(existsSync(join(storage, 'a/film')))
  })

  t.test('does nothing without a target', async t => {
    const dir = t.testdir({ storage: {} })
    mkdirSync(join(dir, 'x'))
    writeFileSync(join(dir, 'upload.sh'), uploadScript(60))
    t.equal(execFileSync('bash', [join(dir, 'upload.sh')], { env: {} }).toString(), '')
  })
})

t.test('the size of the film, where the spec says it', async t => {
  const film = (fields: object) =>
    environmentOf(find(rendered({ jibri: { enabled: true, ...fields } }), 'Pod', 'meet-jibri-0'))
  t.match(film({ resolution: '1080p', frameRate: 15 }), {
    JIBRI_RECORDING_RESOLUTION: '1920x1080',
    JIBRI_RECORDING_FRAMERATE: '15',
  })
  t.match(film({}), { JIBRI_RECORDING_RESOLUTION: undefined, JIBRI_RECORDING_FRAMERATE: undefined })
})

t.test('while the bucket’s Secret is missing', async t => {
  const spec = on({ bucket, replicas: 1 })
  const change = on({ bucket, replicas: 2, nodeSelector: { pool: 'new' } })
  const without = { ...keys, data: { ACCESS_KEY: 'eA==' } }
  const configuration = (status: Record<string, unknown>) =>
    (status.conditions as { type: string }[]).find(({ type }) => type === 'ConfigurationValid')

  for (const related of [[], [without]]) {
    const what = related.length > 0 ? 'its key' : 'it'

    t.test(`no recorder goes, and none is made that could not start without ${what}`, async t => {
      for (const [name, observation] of states.filter(([, , state]) => state !== 'Ended')) {
        if (/through/.test(name)) continue
        const pod = observed(spec, observation)
        const { children, status } = planned(change, { children: [pod], related }).response
        t.strictSame(names(children), ['meet-jibri-0'], name)
        t.strictSame(find<Pod>(children, 'Pod', 'meet-jibri-0').spec, pod.spec, name)
        t.match(configuration(status), {
          reason: 'ReferenceMissing',
          message: related.length > 0 ? /^SECRET_KEY in Secret s3 not found/ : /^Secret s3 not/,
        })
      }
    })
  }

  t.test('one that begins to record is protected all the same', async t => {
    const idle = rendered(spec, { children: [observed(spec, { facts: facts('IDLE') })] })
    const budget = find(idle, 'PodDisruptionBudget', 'meet-jibri')
    const busy = observed(spec, { facts: facts('BUSY') })
    const objects = rendered(spec, { children: [busy, budget] })
    t.match(find(objects, 'PodDisruptionBudget', 'meet-jibri').spec, { minAvailable: 1 })
    t.match(find(objects, 'Pod', 'meet-jibri-0').metadata.annotations, {
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
    })
  })

  t.test('the first ones are made, and wait for it as Kubernetes has it', async t => {
    t.strictSame(names(rendered(spec)), ['meet-jibri-0'])
  })

  t.test('what waited is done once it is back', async t => {
    const pod = observed(spec, { facts: facts('IDLE') })
    const objects = rendered(change, { children: [pod], related: [keys] })
    t.strictSame(names(objects), ['meet-jibri-0', 'meet-jibri-1', 'meet-jibri-2'])
  })
})

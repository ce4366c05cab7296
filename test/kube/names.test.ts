import fc from 'fast-check'
import t from 'tap'
import { childName, componentOf, labelValue, podPattern } from '../../src/kube/names.ts'

const long = 'the-video-conferences-of-the-school-of-applied-sciences-in-the-north'

t.test('a child is called after its Jitsi', async t => {
  t.equal(childName('meet', 'web'), 'meet-web')
  t.equal(childName('meet', 'jvb-12'), 'meet-jvb-12')
})

t.test('a name that is too long for DNS', async t => {
  t.test('is cut, and still ends in what it is', async t => {
    const name = childName(long, 'jvb-12')
    t.match(name, /^the-video-conferences-of-the-school-of-applied-[0-9a-f]{8}-jvb-12$/)
    t.ok(name.length <= 63)
  })
  t.test('differs from that of another long name with the same beginning', async t => {
    t.not(childName(`${long}-1`, 'web'), childName(`${long}-2`, 'web'))
  })
  t.test('is not cut where it just fits', async t => {
    t.equal(childName('a'.repeat(59), 'web'), `${'a'.repeat(59)}-web`)
    t.equal(childName('a'.repeat(60), 'web').length, 63)
  })
  t.test('never has a dash or dot before the digest', async t => {
    const name = childName(`${'a'.repeat(48)}--.-${'b'.repeat(30)}`, 'web')
    t.match(name, /^a{48}-[0-9a-f]{8}-web$/)
  })
})

t.test('whatever the names, two children of one Jitsi never share one', async t => {
  const suffix = fc.stringMatching(/^[a-z]{2,8}(-[0-9]{1,3})?$/)
  const instance = fc.stringMatching(/^[a-z][-a-z0-9]{0,80}[a-z0-9]$/)
  const run = fc.check(
    fc.property(
      instance,
      fc.uniqueArray(suffix, { minLength: 2, maxLength: 5 }),
      (name, suffixes) => {
        const names = suffixes.map(suffix => childName(name, suffix))
        return new Set(names).size === names.length && names.every(({ length }) => length <= 63)
      },
    ),
  )
  t.notOk(run.failed, JSON.stringify(run.counterexample))
})

t.test('a label carries a name, or what stands for it', async t => {
  t.equal(labelValue('meet'), 'meet')
  t.equal(labelValue('a'.repeat(63)), 'a'.repeat(63))
  t.match(labelValue('a'.repeat(64)), /^a{54}-[0-9a-f]{8}$/)
  t.not(labelValue(`${long}-1`), labelValue(`${long}-2`))
})

t.test('the pattern for the Pods of a component', async t => {
  const matches = (instance: string, component: string, pod: string) =>
    new RegExp(`^(?:${podPattern(instance, component)})$`).test(pod)
  const cases = [
    { name: 'its bridges', instance: 'meet', pod: 'meet-jvb-12', want: true },
    { name: 'not those of another', instance: 'meet', pod: 'meet-2-jvb-12', want: false },
    { name: 'not its other Pods', instance: 'meet', pod: 'meet-jicofo-5f4d-x2', want: false },
    { name: 'those of a long name', instance: long, pod: childName(long, 'jvb-3'), want: true },
    {
      name: 'those of a name that only large numbers make too long',
      instance: long.slice(0, 57),
      pod: childName(long.slice(0, 57), 'jvb-10'),
      want: true,
    },
    {
      name: 'not those of another long one',
      instance: long,
      pod: childName(`${long}-2`, 'jvb-3'),
      want: false,
    },
  ]
  for (const { name, instance, pod, want } of cases) {
    t.test(name, async t => t.equal(matches(instance, 'jvb', pod), want))
  }
  t.test('those of a Deployment whose name Kubernetes cuts', async t => {
    const pod = `${childName(long, 'jicofo')}-5f4d8c6b77`.slice(0, 58)
    t.ok(matches(long, 'jicofo', `${pod}x2k4z`))
  })
})

t.test('a Pod with a number is known by its name, whatever its labels say', async t => {
  const component = (name: string, labels?: Record<string, string>) =>
    componentOf({ metadata: { name, ...(labels && { labels }) } })
  const labels = { 'app.kubernetes.io/component': 'web' }
  t.equal(component('meet-jvb-3'), 'jvb')
  t.equal(component('meet-jibri-0', labels), 'jibri')
  t.equal(component('meet-web-5f4d-x2', labels), 'web')
  t.equal(component('meet-jvb', {}), undefined)
})

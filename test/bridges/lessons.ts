import type { Test } from 'tap'
import { type PartialSpec, School } from './school.ts'

/** What ended at each restart of prosody. */
export const prosodyRestarts = ({ cluster }: School) =>
  cluster.workloads.restarts.filter(({ component }) => component === 'prosody')

/** A change of prosody is said to wait for meetings, and ends none when it is made. */
export async function waitsForTheLastMeeting(t: Test, school: School): Promise<void> {
  t.match(school.condition('RestartPending'), {
    reason: 'ConferencesRunning',
    message: /meet-prosody/,
  })
  t.ok(await school.until(() => prosodyRestarts(school).length > 0, 3600))
  t.same(
    prosodyRestarts(school).map(({ meetings }) => meetings),
    [0],
  )
}

/** spec.jvb of so many bridges. */
export const bridges = (replicas: number, more: PartialSpec = {}) => ({
  jvb: { strategy: { replicas }, ...more },
})

/** Are so many bridges serving, as status says? */
export const serving = (school: School, count: number) => () =>
  school.status.fleet?.serving === count

/** So many meetings begin. */
export function meet(
  school: School,
  count: number,
  shape: { minutes: number; participants?: number },
): void {
  for (let meeting = 0; meeting < count; meeting++) {
    school.fleet.people.arrive({ room: `class-${meeting}`, participants: 12, ...shape })
  }
}

/** Three bridges that serve, and six meetings that have begun. */
export async function threeInLessons(
  shape: { minutes: number; participants?: number },
  more: PartialSpec = {},
): Promise<School> {
  const school = new School({ spec: bridges(3, more) })
  await school.until(serving(school, 3), 600)
  meet(school, 6, shape)
  await school.cluster.run(120)
  return school
}

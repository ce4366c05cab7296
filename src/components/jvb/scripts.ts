import { annotation } from '../../kube/annotations.ts'

/** Where a bridge's containers find the annotations of their Pod; the kubelet keeps them fresh. */
export const podInfoPath = '/etc/jitsi-operator'

/** The annotations that the scripts read, by file; `region` where that is the node's. */
export const podInfoFiles = {
  advertise: annotation.advertise,
  'drain-deadline': annotation.drainDeadline,
} as const

const words = { advertise: 'address', region: 'region' }

/**
 * Waits until everything is known that a bridge reads once, at start, and that depends on where it
 * was scheduled: the address of its node or load balancer, its region.
 */
export function waitForPlace(files: readonly ('advertise' | 'region')[]): string {
  return `
for ((waited = 0; waited < 600; waited += 2)); do
  if ${files.map(file => `[ -s ${podInfoPath}/${file} ]`).join(' && ')}; then
    for file in ${files.join(' ')}; do echo "$file: $(cat ${podInfoPath}/$file)"; done
    exit 0
  fi
  sleep 2
done
echo "No ${files.map(file => words[file]).join(' or ')} after 10 minutes: see status.bridges and the condition MediaReachable of the Jitsi." >&2
exit 1`.trim()
}

/**
 * Runs before the bridge is stopped, whoever stops it: node drain, kubectl delete, the plan. Drains
 * it, and leaves when nobody is on it, when it has lost its XMPP server for a minute, or at the
 * deadline: that of a drain which the plan began, and never later than the timeout from now on,
 * which the grace period of the Pod was made for. Anything else in the file is no deadline: people
 * edit annotations. Nobody on it counts at the third look in a row, 10 s after the first: jicofo
 * learns of the drain from presence within 5 s, and may just have invited somebody. People who are
 * left are taken to other bridges by jicofo once the bridge leaves its room, as it does on SIGTERM.
 */
export function drainBeforeStop(timeoutSeconds: number, privatePort: number): string {
  const url = `http://127.0.0.1:${privatePort}`
  return `
deadline=$(($(date +%s) + ${timeoutSeconds}))
planned=$(cat ${podInfoPath}/drain-deadline 2>/dev/null)
[[ $planned =~ ^[1-9][0-9]{0,14}$ ]] || planned=$deadline
[ "$planned" -lt "$deadline" ] && deadline=$planned
empty=0
lost=0
while [ "$(date +%s)" -lt "$deadline" ]; do
  curl -fsS -m 3 -X POST ${url}/colibri/drain/enable >/dev/null 2>&1
  figures=$(curl -fsS -m 3 -H 'Accept: application/json' ${url}/metrics 2>/dev/null) || figures=
  if [ -n "$figures" ]; then
    nobody='.local_endpoints == 0 and .conferences == 0'
    if jq -e "$nobody" <<<"$figures" >/dev/null; then empty=$((empty + 1)); else empty=0; fi
    if jq -e '.mucs_joined == 0' <<<"$figures" >/dev/null; then lost=$((lost + 1)); else lost=0; fi
  else
    empty=0
    lost=$((lost + 1))
  fi
  [ "$empty" -ge 3 ] || [ "$lost" -ge 12 ] && exit 0
  sleep 5
done
exit 0`.trim()
}

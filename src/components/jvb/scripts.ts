import { annotation } from '../../kube/annotations.ts'

/** Where a bridge's containers find the annotations of their Pod; the kubelet keeps them fresh. */
export const podInfoPath = '/etc/jitsi-operator'

/** The annotations that the scripts read, by file. */
export const podInfoFiles = {
  advertise: annotation.advertise,
  'drain-deadline': annotation.drainDeadline,
} as const

/**
 * Waits until the address is known. A bridge reads its configuration once, at start, and the
 * address of its node or load balancer is known only after it was scheduled.
 */
export const waitForAddress = `
for ((waited = 0; waited < 600; waited += 2)); do
  if [ -s ${podInfoPath}/advertise ]; then
    echo "Advertised: $(cat ${podInfoPath}/advertise)"
    exit 0
  fi
  sleep 2
done
echo "No address after 10 minutes: see status.bridges and the condition MediaReachable of the Jitsi." >&2
exit 1`.trim()

/**
 * Runs before the bridge is stopped, whoever stops it: node drain, kubectl delete, the plan. Drains
 * it, and leaves when nobody is on it, when it has lost its XMPP server for a minute, or at the
 * deadline: that of a drain which the plan began, else the timeout from now on. People who are left
 * are taken to other bridges by jicofo once the bridge leaves its room, which it does on SIGTERM.
 */
export function drainBeforeStop(timeoutSeconds: number, privatePort: number): string {
  const url = `http://127.0.0.1:${privatePort}`
  return `
deadline=$(cat ${podInfoPath}/drain-deadline 2>/dev/null)
deadline=\${deadline:-$(($(date +%s) + ${timeoutSeconds}))}
lost=0
while [ "$(date +%s)" -lt "$deadline" ]; do
  curl -fsS -m 3 -X POST ${url}/colibri/drain/enable >/dev/null 2>&1
  figures=$(curl -fsS -m 3 -H 'Accept: application/json' ${url}/metrics 2>/dev/null) || figures=
  if [ -n "$figures" ]; then
    jq -e '.local_endpoints == 0 and .conferences == 0' <<<"$figures" >/dev/null && exit 0
    if jq -e '.mucs_joined == 0' <<<"$figures" >/dev/null; then lost=$((lost + 1)); else lost=0; fi
  else
    lost=$((lost + 1))
  fi
  [ "$lost" -ge 12 ] && exit 0
  sleep 5
done
exit 0`.trim()
}

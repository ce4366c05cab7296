import type { Probe } from 'kubernetes-types/core/v1.js'

/** Does a program take connections at a port of its container? Nothing is asked there. Seconds. */
export const openPortProbe = (
  port: string,
  times: Required<Pick<Probe, 'initialDelaySeconds' | 'periodSeconds' | 'failureThreshold'>>,
): Probe => ({
  tcpSocket: { port },
  timeoutSeconds: 5,
  successThreshold: 1,
  ...times,
})

import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1.js'

/*
 * Under which user and with which rights containers run: what Pod Security `restricted` asks, and
 * the exceptions of images that are not Jitsi's.
 */

/** In which an image of somebody else differs from Jitsi's own. */
export interface Security {
  user: number
  /** Capabilities that the program's file carries; without them the kernel refuses to start it. */
  add?: string[]
  /** It writes into its own folders. */
  writable?: boolean
  /** It listens on a port below 1024. */
  lowPorts?: boolean
}

/** The user and group of all Jitsi images. */
const jitsiUser = 1000

/** What Pod Security `restricted` asks of every container. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsGroup: jitsiUser,
  runAsNonRoot: true,
  runAsUser: jitsiUser,
}

const podSecurity = {
  fsGroup: jitsiUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  runAsNonRoot: true,
  runAsUser: jitsiUser,
  runAsGroup: jitsiUser,
  seccompProfile: { type: 'RuntimeDefault' },
}

/** The security context of a Pod. */
export const podUser = (security: Security | undefined): PodSecurityContext => ({
  ...podSecurity,
  ...(security && {
    fsGroup: security.user,
    runAsUser: security.user,
    runAsGroup: security.user,
    ...(security.lowPorts
      ? { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }
      : {}),
  }),
})

/** The security context of a Pod's main container. */
export const containerUser = (security: Security | undefined): SecurityContext => ({
  ...containerSecurity,
  ...(security && {
    runAsUser: security.user,
    runAsGroup: security.user,
    ...(security.add ? { capabilities: { drop: ['ALL'], add: security.add } } : {}),
    ...(security.writable ? { readOnlyRootFilesystem: false } : {}),
  }),
})

/** For each rule between fields, specs that break it and no other; `domain` is for all. */
export interface BrokenRule {
  name: string
  spec: Record<string, unknown>
  /** A part of the rule's own sentence. */
  says: string
}

const key = { name: 'login', key: 'password' }
const account = { uri: '4930123@sip.example.org', password: key, server: 'sip.example.org' }
const host = 'turn.example.org'

/** What both the API server and the command line refuse. */
export const brokenRuleCases: readonly BrokenRule[] = [
  {
    name: 'a Gateway that is not named',
    spec: { gateway: { enabled: true } },
    says: 'gateway.enabled needs gateway.parentRefs',
  },
  {
    name: 'tokens without their section',
    spec: { auth: { type: 'jwt' } },
    says: 'auth.type jwt needs auth.jwt',
  },
  {
    name: 'LDAP without its section',
    spec: { auth: { type: 'ldap' } },
    says: 'auth.type ldap needs auth.ldap',
  },
  {
    name: 'Matrix without its section',
    spec: { auth: { type: 'matrix' } },
    says: 'auth.type matrix needs auth.matrix',
  },
  {
    name: 'accounts that a restart takes away',
    spec: { auth: { type: 'internal' } },
    says: 'auth.type internal needs prosody.persistence.enabled',
  },
  {
    name: 'tokens without a key',
    spec: { auth: { type: 'jwt', jwt: { appId: 'school' } } },
    says: 'auth.jwt needs secret or keyServer',
  },
  {
    name: 'passwords in the clear',
    spec: { auth: { type: 'ldap', ldap: { url: 'ldap://ldap.example.org', base: 'dc=example' } } },
    says: 'auth.ldap.url must be ldaps://',
  },
  {
    name: 'moderators by tokens that nobody has',
    spec: { meetings: { moderators: 'token' } },
    says: 'meetings.moderators token needs auth.type jwt',
  },
  {
    name: 'meetings that wait for a host for ever',
    spec: { meetings: { waitForHost: true } },
    says: 'meetings.waitForHost needs an auth.type other than anonymous',
  },
  {
    name: 'a certificate for a TURN server without a name',
    spec: { coturn: { enabled: true, tls: { name: 'turn-tls' } } },
    says: 'coturn.tls needs coturn.host, the name in its certificate',
  },
  {
    name: 'a TURN server that something unknown leads to',
    spec: { coturn: { enabled: true, exposure: { type: 'ClusterIP' } } },
    says: 'coturn.exposure.type ClusterIP needs coturn.host',
  },
  {
    name: 'a TURN server on nodes that are any',
    spec: { coturn: { enabled: true, exposure: { type: 'HostNetwork' } } },
    says: 'need coturn.nodeSelector, the nodes whose addresses clients are told',
  },
  {
    name: 'two TURN servers',
    spec: { turn: { host }, coturn: { enabled: true, host } },
    says: 'one TURN server or the other',
  },
  {
    name: 'ports of the TURN server of which the first is behind the last',
    spec: { coturn: { enabled: true, host, ports: { relayMax: 40_000 } } },
    says: 'coturn.ports.relayMin must not be larger than coturn.ports.relayMax: lower the one',
  },
  {
    name: 'telephones without an account',
    spec: { jigasi: { enabled: true } },
    says: 'jigasi.enabled needs jigasi.sip',
  },
  {
    name: 'such ports for telephones',
    spec: { jigasi: { enabled: true, sip: account, ports: { min: 20_100 } } },
    says: 'jigasi.ports.min must not be larger than jigasi.ports.max: lower the one or raise',
  },
  {
    name: 'captions by a service that is nowhere',
    spec: { transcriber: { enabled: true, service: 'vosk' } },
    says: 'transcriber.service vosk and whisper need transcriber.url',
  },
  {
    name: 'visitors past web',
    spec: { web: { signalling: 'direct' }, visitors: { enabled: true } },
    says: 'web.signalling direct and visitors.enabled exclude each other',
  },
  {
    name: 'limits crossed',
    spec: { jvb: { strategy: { type: 'autoscaled', minReplicas: 5, maxReplicas: 4 } } },
    says: 'jvb.strategy.minReplicas must not be larger than jvb.strategy.maxReplicas',
  },
  {
    name: 'an autoscaled fleet of none',
    spec: { jvb: { strategy: { type: 'autoscaled', replicas: 0 } } },
    says: 'jvb.strategy.replicas must be at least 1 when jvb.strategy.type is autoscaled',
  },
  {
    name: 'ports beyond the last one',
    spec: { jvb: { ports: { udp: 65_527, count: 10 } } },
    says: 'reaches beyond port 65535: lower one of them',
  },
  {
    name: 'an address for each bridge that has one anyway',
    spec: { jvb: { exposure: { perBridge: true } } },
    says: 'jvb.exposure.perBridge needs jvb.exposure.type LoadBalancer',
  },
  {
    name: 'figures of its own that it does not name',
    spec: { jvb: { autoscaling: { metric: { source: 'custom' } } } },
    says: 'jvb.autoscaling.metric.source custom needs jvb.autoscaling.metric.metrics',
  },
]

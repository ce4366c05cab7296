/** What a check says that is known and meant, and why. */
export interface Exception {
  /** A check of kube-score. */
  check: string
  /** The variant of the chart that it is found in, or the example; all of them without it. */
  where?: string
  /** Its words, where one check has several. */
  says?: RegExp
  /** The objects that it is said of, as `Kind/name`; all of them without it. */
  of?: RegExp
  why: string
}

const besideMetacontroller = 'plain HTTP beside a Metacontroller that is there'
const companions = /^Deployment\/meet-(etherpad|whiteboard)$/

/** Every finding that we live with. One that is not found any more has to go from this list. */
export const exceptions: readonly Exception[] = [
  {
    check: 'container-image-pull-policy',
    why: 'Always makes a registry that is down stop bridges from starting; tags of Jitsi do not move, and whoever doubts it sets image.pullPolicy or names a digest',
  },
  {
    check: 'container-resources',
    says: /^CPU limit/,
    why: 'a limit throttles signalling when all come at once; bridges, which take what they get, have one',
  },
  {
    check: 'container-ephemeral-storage-request-and-limit',
    why: 'root filesystems are read-only; what is written goes to volumes, which have a sizeLimit',
  },
  {
    check: 'container-security-context-user-group-id',
    of: /\/[a-z]+-(?!operator)/,
    why: 'the images are built for the users that they name, below 10000',
  },
  {
    check: 'container-security-context-readonlyrootfilesystem',
    of: /^Deployment\/meet-etherpad$/,
    why: 'etherpad writes into its own folder at start',
  },
  {
    check: 'pod-networkpolicy',
    says: /egress/,
    why: 'outgoing traffic is left to the cluster: bridges, TURN and SIP talk to addresses that nobody knows before',
  },
  {
    check: 'pod-networkpolicy',
    of: /^(Pod\/jitsi-operator-test|Deployment\/meet-overprovisioning)$/,
    why: 'they listen on no port',
  },
  {
    check: 'pod-networkpolicy',
    where: besideMetacontroller,
    of: /^Deployment\/jitsi-operator$/,
    why: 'the variant turns the NetworkPolicies off',
  },
  {
    check: 'pod-probes-identical',
    why: 'the programs have one page that tells whether they live; the periods differ, and liveness is far more patient',
  },
  {
    check: 'pod-probes',
    says: /livenessProbe/,
    of: companions,
    why: 'a restart loses the documents and drawings that are open',
  },
  {
    check: 'deployment-has-host-podantiaffinity',
    of: /^Deployment\/jitsi-operator$/,
    why: 'topologySpreadConstraints spread it',
  },
  {
    check: 'deployment-has-poddisruptionbudget',
    of: /^Deployment\/meet-overprovisioning$/,
    why: 'placeholders are there to make way',
  },
  {
    check: 'deployment-replicas',
    of: /^Deployment\/[a-z]+-(prosody|visitors-\d+|etherpad|whiteboard|transcriber)$/,
    why: 'they hold the state of meetings in memory, so there is one of each',
  },
  {
    check: 'deployment-replicas',
    of: /^Deployment\/[a-z]+-(web|coturn)$/,
    why: 'they are as many as the spec says',
  },
  {
    check: 'deployment-replicas',
    where: besideMetacontroller,
    of: /^Deployment\/jitsi-operator$/,
    why: 'the variant asks for one',
  },
  {
    check: 'deployment-strategy',
    of: /^Deployment\/[a-z]+-(prosody|visitors-\d+|etherpad|whiteboard)$/,
    why: 'Recreate: two of them would each hold half of the meetings',
  },
  {
    check: 'horizontalpodautoscaler-has-target',
    why: 'its target is the Jitsi, which is not among the rendered objects',
  },
  {
    check: 'service-targets-pod',
    of: /^Service\/meet-jvb$/,
    why: 'the bridges of a daemonset follow the nodes, of which a file knows none',
  },
  {
    check: 'networkpolicy-targets-pod',
    of: /^NetworkPolicy\/meet-jvb$/,
    why: 'the bridges of a daemonset follow the nodes, of which a file knows none',
  },
  {
    check: 'service-type',
    of: /^Service\/meet-jvb-\d+$/,
    why: 'exposure NodePort is a NodePort for each bridge',
  },
]

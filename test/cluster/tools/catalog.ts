/** One program of the cluster suite: where its source is pinned and how a version of it is told. */
export interface Tool {
  version: string
  /** The package to build. */
  package: string
  /** A folder beside this file with the go.mod that pins it; without one, `go install` takes it. */
  module?: string
  /** Prints the version of a program found on PATH. */
  versionCommand: readonly string[]
  /** What a version has to look like to be taken from PATH. */
  fits: RegExp
}

const kubernetes = (name: string, versionCommand = ['--version']): Tool => ({
  version: 'v1.36.3',
  package: `k8s.io/kubernetes/cmd/${name}`,
  module: 'kubernetes',
  versionCommand,
  // Older API servers lack what the CRD's CEL rules may use.
  fits: /\bv1\.3[4-9]\./,
})

/** Every program that the cluster suite may run, with the version that is known to work. */
export const catalog = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubectl: kubernetes('kubectl', ['version', '--client']),
  etcd: {
    version: 'v3.6.6',
    package: 'go.etcd.io/etcd/server/v3',
    module: 'etcd',
    versionCommand: ['--version'],
    fits: /\b3\.[56]\./,
  },
  kwok: {
    version: 'v0.8.0',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    versionCommand: ['--version'],
    fits: /\bv0\.8\./,
  },
  helm: {
    version: 'v4.3.1',
    package: 'helm.sh/helm/v4/cmd/helm',
    versionCommand: ['version', '--short'],
    fits: /\bv4\./,
  },
  kubeconform: {
    version: 'v0.8.0',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    versionCommand: ['-v'],
    fits: /\bv0\.[78]\./,
  },
  'kube-score': {
    version: 'v1.20.0',
    package: 'github.com/zegl/kube-score/cmd/kube-score',
    versionCommand: ['version'],
    fits: /\b1\.2[0-9]\./,
  },
} as const satisfies Record<string, Tool>

export type ToolName = keyof typeof catalog
export const toolNames = Object.keys(catalog) as ToolName[]

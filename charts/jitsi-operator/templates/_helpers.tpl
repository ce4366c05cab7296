{{- define "jitsi-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "jitsi-operator.fullname" -}}
{{- $name := include "jitsi-operator.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Names of cluster-wide objects hold the namespace: two releases may have one name. */}}
{{- define "jitsi-operator.clusterName" -}}
{{- $name := include "jitsi-operator.fullname" . -}}
{{- if eq $name .Release.Namespace }}{{ $name }}{{ else }}{{ printf "%s-%s" .Release.Namespace $name }}{{ end -}}
{{- end -}}

{{/* Constant whatever the release is called: NetworkPolicies of Jitsis admit Pods by the name. */}}
{{- define "jitsi-operator.selectorLabels" -}}
app.kubernetes.io/name: jitsi-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: hooks
{{- end -}}

{{- define "jitsi-operator.commonLabels" -}}
app.kubernetes.io/name: jitsi-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{- define "jitsi-operator.labels" -}}
{{ include "jitsi-operator.commonLabels" . }}
app.kubernetes.io/component: hooks
{{- end -}}

{{- define "jitsi-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "jitsi-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "jitsi-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "jitsi-operator.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "jitsi-operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where Metacontroller runs, as YAML: namespace, serviceAccount, podLabels. */}}
{{- define "jitsi-operator.metacontroller" -}}
{{- if .Values.metacontroller.enabled -}}
namespace: {{ .Values.metacontroller.namespaceOverride | default .Release.Namespace }}
serviceAccount: {{ required "metacontroller.serviceAccount.name is needed to bind rights to it" .Values.metacontroller.serviceAccount.name }}
podLabels:
  app.kubernetes.io/name: {{ .Values.metacontroller.nameOverride | default "metacontroller" }}
  app.kubernetes.io/instance: {{ .Release.Name }}
{{- else -}}
{{ toYaml .Values.existingMetacontroller }}
{{- end -}}
{{- end -}}

{{/* "true" if an optional group of kinds is declared. Takes (list $ "monitoring" "group/version/Kind"). */}}
{{- define "jitsi-operator.optionalKind" -}}
{{- $root := index . 0 -}}
{{- $choice := index $root.Values.controllers.optionalKinds (index . 1) -}}
{{- if or (eq $choice "always") (and (eq $choice "auto") ($root.Capabilities.APIVersions.Has (index . 2))) -}}true{{- end -}}
{{- end -}}

{{- define "jitsi-operator.monitoring" -}}
{{- include "jitsi-operator.optionalKind" (list . "monitoring" "monitoring.coreos.com/v1/PodMonitor") -}}
{{- end -}}

{{- define "jitsi-operator.gateway" -}}
{{- include "jitsi-operator.optionalKind" (list . "gateway" "gateway.networking.k8s.io/v1/HTTPRoute") -}}
{{- end -}}

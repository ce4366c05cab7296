{{- define "jitsi-operator.tlsSecret" -}}
{{- if eq .Values.hook.tls.source "existingSecret" -}}
{{- required "hook.tls.source is existingSecret: name it in hook.tls.existingSecret" .Values.hook.tls.existingSecret -}}
{{- else -}}
{{- include "jitsi-operator.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{- define "jitsi-operator.tokenSecret" -}}
{{- .Values.hook.token.existingSecret | default (printf "%s-token" (include "jitsi-operator.fullname" .)) -}}
{{- end -}}

{{- define "jitsi-operator.scheme" -}}
{{- if eq .Values.hook.tls.source "none" }}http{{ else }}https{{ end -}}
{{- end -}}

{{- define "jitsi-operator.host" -}}
{{- include "jitsi-operator.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* The names that a certificate must carry, as a YAML list. */}}
{{- define "jitsi-operator.hosts" -}}
{{- $host := include "jitsi-operator.host" . -}}
- {{ $host }}
- {{ trimSuffix ".svc" $host }}
- {{ $host }}.cluster.local
{{- end -}}

{{/*
Certificate and token, made at most once in a rendering and kept from one release to the next:
what the cluster already holds is used again (`lookup`; empty with `helm template`, so everything
is new at each rendering there). Several templates need the same random values, hence the memory
in .Values. A certificate for other names than now is made anew.
*/}}
{{- define "jitsi-operator.makeHookSecrets" -}}
{{- if not (hasKey .Values "_made") -}}
{{- $made := dict -}}
{{- $hosts := include "jitsi-operator.hosts" . | fromYamlArray -}}
{{- $tls := .Values.hook.tls -}}
{{- $old := lookup "v1" "Secret" .Release.Namespace (include "jitsi-operator.tlsSecret" .) | default dict -}}
{{- $data := $old.data | default dict -}}
{{- $marks := (($old.metadata | default dict).annotations) | default dict -}}
{{- if eq $tls.source "helm" -}}
{{- if and (index $data "tls.crt") (index $data "tls.key") (index $data "ca.crt") (eq (join "," $hosts) (index $marks "apps.jit.si/hook-hosts" | default "")) -}}
{{- $made = dict "crt" (index $data "tls.crt" | b64dec) "key" (index $data "tls.key" | b64dec) "ca" (index $data "ca.crt" | b64dec) -}}
{{- else -}}
{{- $days := int $tls.validityDays -}}
{{- $ca := genCA (printf "%s-ca" (include "jitsi-operator.fullname" .)) $days -}}
{{- $pair := genSignedCert (first $hosts) nil $hosts $days $ca -}}
{{- $made = dict "crt" $pair.Cert "key" $pair.Key "ca" $ca.Cert -}}
{{- end -}}
{{- else -}}
{{- $_ := set $made "ca" ($tls.caBundle | default (index $data "ca.crt" | default "" | b64dec)) -}}
{{- end -}}
{{- $oldToken := (lookup "v1" "Secret" .Release.Namespace (include "jitsi-operator.tokenSecret" .) | default dict).data | default dict -}}
{{- if index $oldToken "token" -}}
{{- $_ := set $made "token" (index $oldToken "token" | b64dec) -}}
{{- else if not .Values.hook.token.existingSecret -}}
{{- $_ := set $made "token" (randAlphaNum 48) -}}
{{- end -}}
{{- $_ := set .Values "_made" $made -}}
{{- end -}}
{{- end -}}

{{/*
What the webhook URLs end in. It means nothing to the service, but Metacontroller reads
certificate and token only when a controller's spec changes, and asks about every Jitsi again
only then: so it changes with the release, the image, the certificate and the token.
*/}}
{{- define "jitsi-operator.rev" -}}
{{- include "jitsi-operator.makeHookSecrets" . -}}
{{- $state := list (include "jitsi-operator.image" .) .Values.hook ((.Values._made).ca) ((.Values._made).token) -}}
{{- printf "%s-%s" .Chart.Version (toJson $state | sha256sum | trunc 10) | urlquery -}}
{{- end -}}

{{/* One webhook. Takes (list $ "/path"). */}}
{{- define "jitsi-operator.webhook" -}}
{{- $root := index . 0 -}}
{{- include "jitsi-operator.makeHookSecrets" $root -}}
url: {{ include "jitsi-operator.scheme" $root }}://{{ include "jitsi-operator.host" $root }}:{{ $root.Values.service.port }}{{ index . 1 }}?rev={{ include "jitsi-operator.rev" $root }}
timeout: {{ $root.Values.hook.timeout }}
{{- $source := $root.Values.hook.tls.source }}
{{- if or (eq $source "helm") (and (eq $source "existingSecret") $root.Values.hook.tls.caBundle) }}
caBundle:
  inline: |
    {{- $root.Values._made.ca | trim | nindent 4 }}
{{- else if ne $source "none" }}
caBundle:
  secretRef:
    name: {{ include "jitsi-operator.tlsSecret" $root }}
    namespace: {{ $root.Release.Namespace }}
    key: ca.crt
{{- end }}
{{- if $root.Values.hook.token.enabled }}
authorization:
  type: Bearer
  secretRef:
    name: {{ include "jitsi-operator.tokenSecret" $root }}
    namespace: {{ $root.Release.Namespace }}
    key: token
{{- end }}
{{- end -}}

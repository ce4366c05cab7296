{{/* Values that fit the schema and cannot work: Helm stops, with a sentence that says the way out. */}}
{{- define "jitsi-operator.refusals" -}}
{{- include "jitsi-operator.refuseOwnEnv" . -}}
{{- include "jitsi-operator.refuseShortTimeout" . -}}
{{- end -}}

{{/* Of two variables of one name the last counts, and probes, ports and volumes know the first. */}}
{{- define "jitsi-operator.refuseOwnEnv" -}}
{{- $instead := dict "HOST" "set listenAddress" "PORT" "set service.port (Pods always listen on 8080)" "LOG_LEVEL" "set logLevel" "TLS_CERT_FILE" "set hook.tls" "TLS_KEY_FILE" "set hook.tls" "TOKEN_FILE" "set hook.token" -}}
{{- range $variable := .Values.extraEnv -}}
{{- with get $instead $variable.name -}}
{{- fail (printf "extraEnv: the chart sets %s itself; %s instead" $variable.name .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Metacontroller would give up on calls that the service still works at, and call again. */}}
{{- define "jitsi-operator.refuseShortTimeout" -}}
{{- $seconds := "8" -}}
{{- range .Values.extraEnv -}}
{{- if eq .name "REQUEST_SECONDS" -}}
{{- $seconds = .value | default "0" | toString -}}
{{- end -}}
{{- end -}}
{{- $zero := toDate "2006-01-02" "2000-01-01" -}}
{{- $timeout := mustDateModify .Values.hook.timeout $zero -}}
{{- $deadline := mustDateModify (printf "%ss" $seconds) $zero -}}
{{- if not ($timeout.After $deadline) -}}
{{- fail (printf "hook.timeout: %s must be longer than the %s s that the service gives a call (REQUEST_SECONDS, in extraEnv): each call that takes longer would fail at Metacontroller, whatever the answer; raise the one or lower the other" .Values.hook.timeout $seconds) -}}
{{- end -}}
{{- end -}}

{{- define "cluster.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "cluster.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Where the program listens: what clients use, and the internal port (probes, metrics), which is never published. */}}
{{- define "cluster.urls" -}}
{{- if .Values.tls.enabled }}https://*:8443{{ else }}http://*:8080{{ end }};http://*:9090
{{- end }}

{{/* One container's environment: (dict "root" $ "role" "edge" "tier" {drainSeconds, extraEnv} "devices" 0). */}}
{{- define "cluster.env" -}}
{{- $values := .root.Values -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: CLUSTER_CONFIG
  value: /etc/cluster
- name: Door__InternalPort
  value: "9090"
- name: Access__KeysFile
  value: /etc/cluster-keys/keys.json
{{- if $values.tls.enabled }}
- name: Door__CertificateFile
  value: /etc/cluster-tls/tls.crt
- name: Door__CertificateKeyFile
  value: /etc/cluster-tls/tls.key
{{- else }}
- name: Door__AllowPlainHttp
  value: "true"
{{- end }}
- name: Shutdown__Grace
  value: {{ printf "%02d:%02d:%02d" (div (int .tier.drainSeconds) 3600) (mod (div (int .tier.drainSeconds) 60) 60) (mod (int .tier.drainSeconds) 60) | quote }}
{{- if eq $values.mode "cluster" }}
- name: Cluster__Mode
  value: Orleans
- name: Cluster__Membership__Kind
  value: PostgreSql
- name: Cluster__Membership__ConnectionString
  valueFrom: {secretKeyRef: {name: {{ include "cluster.databaseSecret" .root }}, key: {{ $values.database.existingSecretKey }}}}
- name: Cluster__Membership__ClusterId
  value: {{ printf "%s.%s" .root.Release.Namespace (include "cluster.fullname" .root) | quote }}
- name: Cluster__Membership__Role
  value: {{ .role }}
- name: Cluster__Membership__SiloName
  value: $(POD_NAME)
- name: Cluster__Membership__Address
  value: $(POD_IP)
{{- if include "cluster.hasSiloTls" .root }}
- name: Cluster__Membership__TlsCertificateFile
  value: /etc/cluster-silo-tls/tls.crt
- name: Cluster__Membership__TlsKeyFile
  value: /etc/cluster-silo-tls/tls.key
- name: Cluster__Membership__TlsAuthorityFile
  value: /etc/cluster-silo-tls/ca.crt
{{- end }}
# A pod of a pool is a replica: as many are wanted as there are devices.
- name: Cluster__Fleet__Replicas
  value: "10000"
- name: Cluster__Fleet__DrainMs
  value: {{ mul (int .tier.drainSeconds) 1000 | quote }}
- name: Cluster__Devices__LockFolder
  value: /tmp/cluster-devices
{{- range $index := until (int .devices) }}
- name: Cluster__Devices__Devices__{{ $index }}
  value: cuda:{{ $index }}
{{- end }}
{{- end }}
- name: Telemetry__LogFormat
  value: {{ $values.telemetry.logFormat }}
{{- with $values.telemetry.otlpEndpoint }}
- name: Telemetry__OtlpEndpoint
  value: {{ . | quote }}
{{- end }}
{{- with .tier.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "cluster.ports" -}}
- name: http
  containerPort: {{ ternary 8443 8080 .Values.tls.enabled }}
- name: internal
  containerPort: 9090
{{- if eq .Values.mode "cluster" }}
- name: silo
  containerPort: 11111
- name: gateway
  containerPort: 30000
{{- end }}
{{- end }}

{{/* Liveness asks the process alone; readiness falls as soon as the pod drains; start-up covers loading: (dict "startupSeconds" 300 "role" "edge").
   An edge does not wait for the pools: theirs may load for much longer, and killing edges meanwhile helps nobody. */}}
{{- define "cluster.probes" -}}
startupProbe:
  httpGet: {path: /health/{{ ternary "live" "ready" (eq .role "edge") }}, port: internal}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: {{ max 1 (div (int .startupSeconds) 2) }}
readinessProbe:
  httpGet: {path: /health/ready, port: internal}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /health/live, port: internal}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{/* (dict "root" $ "config" configmap) */}}
{{- define "cluster.mounts" -}}
- {name: config, mountPath: /etc/cluster, readOnly: true}
- {name: keys, mountPath: /etc/cluster-keys, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- if .Values.tls.enabled }}
- {name: tls, mountPath: /etc/cluster-tls, readOnly: true}
{{- end }}
{{- if include "cluster.hasSiloTls" . }}
- {name: silo-tls, mountPath: /etc/cluster-silo-tls, readOnly: true}
{{- end }}
{{- if ne .Values.storage.kind "none" }}
- {name: models, mountPath: {{ .Values.storage.mountPath }}, readOnly: true}
{{- end }}
{{- end }}

{{/* (dict "root" $ "config" name "ownModels" true where the models' volume is a claim template) */}}
{{- define "cluster.volumes" -}}
{{- $values := .root.Values -}}
- name: config
  configMap: {name: {{ .config }}}
- name: keys
  secret:
    secretName: {{ include "cluster.keysSecret" .root }}
    items: [{key: keys.json, path: keys.json}]
- name: tmp
  emptyDir: {}
{{- if $values.tls.enabled }}
- name: tls
  secret: {secretName: {{ include "cluster.tlsSecret" .root }}}
{{- end }}
{{- if include "cluster.hasSiloTls" .root }}
- name: silo-tls
  secret: {secretName: {{ include "cluster.siloTlsSecret" .root }}}
{{- end }}
{{- if eq $values.storage.kind "shared" }}
- name: models
  persistentVolumeClaim: {claimName: {{ include "cluster.claim" .root }}{{ if $values.storage.readOnly }}, readOnly: true{{ end }}}
{{- else if and (ne $values.storage.kind "none") (not .ownModels) }}
- name: models
  emptyDir: {}
{{- end }}
{{- end }}

{{/* Fetches what is missing; a file takes its name only when it is whole: (dict "root" $ "withWeights" true). */}}
{{- define "cluster.download" -}}
{{- $values := .root.Values -}}
{{- $withWeights := or .withWeights (eq $values.storage.kind "shared") -}}
{{- if $values.storage.download.files }}
initContainers:
  - name: download
    image: {{ include "cluster.sideImage" $values.storage.download.image }}
    imagePullPolicy: {{ $values.storage.download.image.pullPolicy }}
    command: [sh, -euc]
    args:
      - |
        fetch() { # path, sha256, url
          file={{ $values.storage.mountPath | squote }}/"$1"
          if [ -f "$file" ]; then return; fi
          mkdir -p "$(dirname "$file")"
          part="$file.$HOSTNAME.part"
          if [ -n "${TOKEN:-}" ]; then set -- "$@" --header "Authorization: Bearer $TOKEN"; fi
          path=$1 sum=$2 url=$3
          shift 3
          curl --fail --location --silent --show-error --retry 5 "$@" --output "$part" "$url"
          echo "$sum  $part" | sha256sum -c -
          mv "$part" "$file"
          echo "fetched $path"
        }
{{- range $values.storage.download.files }}
{{- if or $withWeights (not .weights) }}
        fetch {{ .path | squote }} {{ .sha256 | squote }} {{ .url | squote }}
{{- end }}
{{- end }}
{{- with $values.storage.download.token.secret }}
    env:
      - name: TOKEN
        valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $values.storage.download.token.key }}}}
{{- end }}
    securityContext:
      {{- include "cluster.containerSecurity" .root | nindent 6 }}
    volumeMounts:
      - {name: models, mountPath: {{ $values.storage.mountPath }}}
    resources:
      {{- toYaml $values.storage.download.resources | nindent 6 }}
{{- end }}
{{- end }}

{{/* Where pods go: (dict "root" $ "component" … "tier" …). Spread over nodes unless told otherwise. */}}
{{- define "cluster.scheduling" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tier.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .tier.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tier.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tier.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
{{- if .tier.topologySpreadConstraints }}
  {{- toYaml .tier.topologySpreadConstraints | nindent 2 }}
{{- else }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cluster.selector" . | nindent 8 }}
{{- end }}
{{- end }}

{{/* A whole pod template: (dict "root" $ "component" … "role" … "tier" … "config" … "cuda" … "devices" … "resources" … "ownModels" … "preStop" …). */}}
{{- define "cluster.podTemplate" -}}
metadata:
  labels:
    {{- include "cluster.labels" . | nindent 4 }}
    cluster/silo: "true"
    {{- with .tier.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ .checksum }}
    {{- with .tier.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "cluster.serviceAccount" .root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add (int .tier.drainSeconds) (int .preStop) 20 }}
  {{- with .runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- include "cluster.podSecurity" .root | nindent 4 }}
  {{- include "cluster.scheduling" . | trim | nindent 2 }}
  {{- with include "cluster.download" (dict "root" .root "withWeights" (or (ne .role "edge") (eq .root.Values.mode "embedded"))) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    - name: cluster
      image: {{ include "cluster.image" (dict "root" .root "cuda" .cuda) }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: [--urls, {{ include "cluster.urls" .root | quote }}]
      env:
        {{- include "cluster.env" . | nindent 8 }}
      ports:
        {{- include "cluster.ports" .root | nindent 8 }}
      {{- include "cluster.probes" (dict "startupSeconds" .tier.startupSeconds "role" .role) | nindent 6 }}
      {{- if .preStop }}
      lifecycle:
        preStop: {sleep: {seconds: {{ .preStop }}}}
      {{- end }}
      securityContext:
        {{- include "cluster.containerSecurity" .root | nindent 8 }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        {{- include "cluster.mounts" .root | nindent 8 }}
  volumes:
    {{- include "cluster.volumes" . | nindent 4 }}
{{- end }}

{{- define "cluster.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "cluster.fullname" -}}
{{- $name := include "cluster.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Labels of one object: (dict "root" $ "component" "edge"). */}}
{{- define "cluster.selector" -}}
app.kubernetes.io/name: {{ include "cluster.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "cluster.labels" -}}
{{ include "cluster.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "cluster.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "cluster.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{/* registry/repository:tag or @digest: (dict "image" … "tag" "…" "digest" "…"). */}}
{{- define "cluster.imageName" -}}
{{- $name := .image.repository -}}
{{- with .image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- if .digest }}{{ printf "%s@%s" $name .digest }}{{ else }}{{ printf "%s:%s" $name .tag }}{{ end -}}
{{- end }}

{{- define "cluster.sideImage" -}}
{{- include "cluster.imageName" (dict "image" . "tag" .tag "digest" .digest) -}}
{{- end }}

{{/* The program's image: (dict "root" $ "cuda" true). */}}
{{- define "cluster.image" -}}
{{- $image := .root.Values.image -}}
{{- $tag := $image.tag | default .root.Chart.AppVersion -}}
{{- if .cuda -}}
{{- include "cluster.imageName" (dict "image" $image "tag" (printf "%s%s" $tag $image.cudaSuffix) "digest" $image.cudaDigest) -}}
{{- else -}}
{{- include "cluster.imageName" (dict "image" $image "tag" $tag "digest" $image.digest) -}}
{{- end -}}
{{- end }}

{{- define "cluster.keysSecret" -}}
{{- .Values.apiKeys.existingSecret | default (printf "%s-keys" (include "cluster.fullname" .)) -}}
{{- end }}

{{- define "cluster.tlsSecret" -}}
{{- .Values.tls.existingSecret | default (printf "%s-tls" (include "cluster.fullname" .)) -}}
{{- end }}

{{- define "cluster.siloTlsSecret" -}}
{{- .Values.siloTls.existingSecret | default (printf "%s-silo-tls" (include "cluster.fullname" .)) -}}
{{- end }}

{{/* Silos speak TLS to each other: only where there are silos. */}}
{{- define "cluster.hasSiloTls" -}}
{{- if and (eq .Values.mode "cluster") .Values.siloTls.enabled }}true{{ end -}}
{{- end }}

{{- define "cluster.databaseSecret" -}}
{{- .Values.database.existingSecret | default (printf "%s-database" (include "cluster.fullname" .)) -}}
{{- end }}

{{- define "cluster.claim" -}}
{{- .Values.storage.existingClaim | default (printf "%s-models" (include "cluster.fullname" .)) -}}
{{- end }}

{{- define "cluster.hasTrialDatabase" -}}
{{- if and (eq .Values.mode "cluster") (not .Values.database.existingSecret) .Values.database.trial.enabled }}true{{ end -}}
{{- end }}

{{/* A model with its pool's defaults filled in, as JSON. */}}
{{- define "cluster.pool" -}}
{{- $device := dict "count" 0 "resource" "nvidia.com/gpu" "mig" "" "runtimeClassName" "" -}}
{{- $pool := mergeOverwrite (dict "device" $device) (deepCopy .root.Values.poolDefaults) (deepCopy .model) -}}
{{- toJson $pool -}}
{{- end }}

{{/* Label-safe part of a pool's object names. */}}
{{- define "cluster.poolName" -}}
{{- printf "%s-pool-%s" (include "cluster.fullname" .root) .model.name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/* One entry of models.json: (dict "root" $ "model" …). */}}
{{- define "cluster.catalogueEntry" -}}
{{- $model := .model -}}
{{- $entry := dict "id" ($model.id | default $model.name) "path" (ternary $model.path (printf "/app/cluster-config/%s" $model.path) (isAbs $model.path)) -}}
{{- $graphs := dict "fp32" "onnx/model.onnx" "fp16" "onnx/model_fp16.onnx" "int8" "onnx/model_int8.onnx" "int4" "onnx/model_q4.onnx" -}}
{{- with $model.dtype }}{{ $_ := set $entry "graph" (get $graphs .) }}{{ end -}}
{{- with $model.graph }}{{ $_ := set $entry "graph" . }}{{ end -}}
{{- with $model.context }}{{ $_ := set $entry "contextLength" (int .) }}{{ end -}}
{{- with $model.slots }}{{ $_ := set $entry "slots" (int .) }}{{ end -}}
{{- with $model.threads }}{{ $_ := set $entry "threads" (int .) }}{{ end -}}
{{- with $model.fingerprint }}{{ $_ := set $entry "fingerprint" . }}{{ end -}}
{{- if hasKey $model "injectSchema" }}{{ $_ := set $entry "injectSchema" $model.injectSchema }}{{ end -}}
{{- with $model.sampling }}{{ $_ := set $entry "sampling" . }}{{ end -}}
{{- if gt (int (dig "device" "count" 0 $model)) 0 }}{{ $_ := set $entry "device" "cuda:0" }}{{ end -}}
{{- toJson $entry -}}
{{- end }}

{{/* models.json of a list of models: (dict "root" $ "models" …). */}}
{{- define "cluster.catalogue" -}}
{{- $entries := list -}}
{{- $root := .root -}}
{{- range .models }}{{ $entries = append $entries (include "cluster.catalogueEntry" (dict "root" $root "model" .) | fromJson) }}{{ end -}}
{{- dict "models" $entries | toPrettyJson -}}
{{- end }}

{{/* Bytes of a quantity such as 1Gi; 0 where it is none, or of another unit. */}}
{{- define "cluster.bytes" -}}
{{- $text := kindIs "string" . | ternary . (int64 . | toString) -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexReplaceAll "^[0-9]+" $text "" -}}
{{- if and (regexMatch "^[0-9]+" $text) (hasKey $units $unit) }}{{ mul (int64 (regexFind "^[0-9]+" $text)) (get $units $unit) }}{{ else }}0{{ end -}}
{{- end }}

{{/* appsettings.json: what a cluster of pods needs, tables that leave most of the container's memory to the rest, and .Values.settings over it:
   (dict "root" $ "resources" …). */}}
{{- define "cluster.settings" -}}
{{- $values := .root.Values -}}
{{- $logging := dict "LogLevel" (dict "Default" "Information" "Microsoft" "Warning" "System" "Warning" "Orleans" "Warning" "Orleans.Messaging" "Critical") -}}
{{- $resume := dict "AttemptsMax" 20 "LossesMax" 3 "ReplicaWaitMax" "00:00:30" "FirstDeltaSilenceMax" "00:01:00" "SilenceMin" "00:00:10" -}}
{{- $settings := dict "Logging" $logging -}}
{{- $cluster := dict -}}
{{- if eq $values.mode "cluster" }}{{ $_ := set $cluster "Resume" $resume }}{{ end -}}
{{- $share := div (int64 (include "cluster.bytes" (dig "limits" "memory" "" (.resources | default dict)))) 16 -}}
{{- if $share -}}
{{- $_ := set $cluster "GrammarCacheBytesMax" (min $share 268435456) -}}
{{- $_ := set $cluster "GrammarBytesMax" (min $share 67108864) -}}
{{- $_ := set $cluster "SharedAutomataBytesMax" (min $share 536870912 | max 1048576) -}}
{{- $_ := set $settings "OpenAI" (dict "StoredResponseBytesMax" (min $share 268435456)) -}}
{{- end -}}
{{- if $cluster }}{{ $_ := set $settings "Cluster" $cluster }}{{ end -}}
{{- mergeOverwrite $settings (deepCopy $values.settings) | toPrettyJson -}}
{{- end }}

{{/* What values.schema.json cannot say. */}}
{{- define "cluster.check" -}}
{{- $names := list -}}
{{- $ids := list -}}
{{- range .Values.models }}
{{- $names = append $names .name }}
{{- $ids = append $ids (.id | default .name) }}
{{- end }}
{{- if ne (len $names) (len (uniq $names)) }}{{ fail "models: two have the same name; give each its own" }}{{ end }}
{{- if ne (len $ids) (len (uniq $ids)) }}{{ fail "models: two have the same id; give each its own" }}{{ end }}
{{- if and (eq .Values.mode "cluster") (not .Values.database.existingSecret) (not .Values.database.trial.enabled) }}
{{- fail "database: cluster mode needs a PostgreSQL; set database.existingSecret, or database.trial.enabled=true for a trial, or mode=embedded" }}
{{- end }}
{{- if and .Values.tls.enabled (not .Values.tls.existingSecret) (not .Values.tls.certManager.enabled) }}
{{- fail "tls: set tls.existingSecret, or tls.certManager.enabled=true with an issuer" }}
{{- end }}
{{- if and .Values.siloTls.certManager.enabled (not .Values.siloTls.certManager.issuerRef.name) }}{{ fail "siloTls.certManager.issuerRef.name is empty; name an issuer that signs for this cluster alone" }}{{ end }}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuerRef.name) }}{{ fail "tls.certManager.issuerRef.name is empty; name your issuer" }}{{ end }}
{{- if and (eq .Values.edge.autoscaling.kind "keda") (not .Values.edge.autoscaling.prometheus) }}{{ fail "edge.autoscaling.prometheus is empty; keda asks it for the queue's length" }}{{ end }}
{{- $root := . }}
{{- range .Values.models }}
{{- $pool := include "cluster.pool" (dict "root" $root "model" .) | fromJson }}
{{- if and (eq $pool.autoscaling.kind "keda") (not $pool.autoscaling.prometheus) }}{{ fail (printf "models: %s: autoscaling.prometheus is empty; keda asks it for the queue's length" .name) }}{{ end }}
{{- if and (eq $root.Values.mode "embedded") (gt (int $pool.device.count) 0) }}{{ fail (printf "models: %s: embedded mode has no devices; set mode=cluster or device.count=0" .name) }}{{ end }}
{{- if and $root.Values.storage.download.files (has $root.Values.storage.kind (list "perReplica" "ephemeral")) (eq $root.Values.mode "cluster") (isAbs .path) (not .fingerprint) }}
{{- $path := trimPrefix (printf "%s/" $root.Values.storage.mountPath) .path }}
{{- range $root.Values.storage.download.files }}{{ if and .weights (hasPrefix $path .path) }}{{ fail (printf "models: edges do not fetch %s; set the model's fingerprint (Cluster.Host fingerprint FOLDER prints it)" .path) }}{{ end }}{{ end }}
{{- end }}
{{- end }}
{{- if and (eq .Values.storage.kind "none") .Values.storage.download.files }}{{ fail "storage.download.files has nowhere to go; set storage.kind" }}{{ end }}
{{- if and .Values.storage.readOnly .Values.storage.download.files }}{{ fail "storage.readOnly: a download needs to write; fetch the files another way or unset one of the two" }}{{ end }}
{{- end }}

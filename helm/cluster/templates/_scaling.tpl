{{/* The queue's length at a model, for KEDA: (dict "root" $ "scaling" … "target" … "kind" … "name" … "component" … "query" …). */}}
{{- define "cluster.scaledObject" -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ .name }}
  labels:
    {{- include "cluster.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ .kind }}, name: {{ .name }}}
  minReplicaCount: {{ .scaling.min | default 1 }}
  maxReplicaCount: {{ .scaling.max | default 4 }}
  cooldownPeriod: {{ .scaling.cooldownSeconds | default 300 }}
  triggers:
    - type: prometheus
      metadata:
        serverAddress: {{ .scaling.prometheus | quote }}
        query: {{ .query | quote }}
        threshold: {{ .scaling.waitingPerReplica | default 32 | toString | quote }}
        activationThreshold: "0"
{{- end }}

{{- define "cluster.hpa" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .name }}
  labels:
    {{- include "cluster.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: {{ .kind }}, name: {{ .name }}}
  minReplicas: {{ .scaling.min | default 1 }}
  maxReplicas: {{ .scaling.max | default 4 }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .scaling.cpuPercent | default 70 }}}
  behavior:
    scaleDown:
      # Streams are long: go slowly.
      stabilizationWindowSeconds: {{ .scaling.cooldownSeconds | default 300 }}
      policies: [{type: Pods, value: 1, periodSeconds: 60}]
{{- end }}

{{/* One of the two, or nothing. */}}
{{- define "cluster.autoscaler" -}}
{{- if eq .scaling.kind "hpa" }}{{ include "cluster.hpa" . }}{{ end }}
{{- if eq .scaling.kind "keda" }}{{ include "cluster.scaledObject" . }}{{ end }}
{{- end }}

// Every value set renders, is accepted by the values' schema, and gives objects that the Kubernetes API would take.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { parse } from 'yaml';
import { faultsOf, unknownFieldsOf } from '../support/kubernetes.js';
import { cannotRender, find, read, render, valueSets } from '../support/render.js';
import { faultsOfValues } from '../support/values.js';

const skip = cannotRender;
const rendered = {};
before(() => {
  if (skip) return;
  for (const [name, file] of Object.entries(valueSets)) rendered[name] = render(file);
});

for (const [name, file] of Object.entries(valueSets)) {
  test(`${name}: accepted by values.schema.json`, () => assert.deepEqual(faultsOfValues(parse(read(file)) ?? {}), []));

  test(`${name}: every object is valid`, { skip }, async () => {
    assert.ok(rendered[name].objects.length > 4);
    for (const { path, object } of rendered[name].objects) {
      assert.deepEqual(await faultsOf(object), [], `${path} ${object.kind} ${object.metadata?.name}`);
      assert.match(object.metadata.name, /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    }
  });

  test(`${name}: no two objects have one name, each pod is found by what should find it`, { skip }, () => {
    const { objects } = rendered[name];
    const names = objects.map(({ object }) => `${object.kind} ${object.metadata.name}`);
    assert.equal(new Set(names).size, names.length, names.join(', '));
    const workloads = objects.map(({ object }) => object).filter((object) => ['Deployment', 'StatefulSet'].includes(object.kind));
    for (const workload of workloads) {
      const { labels } = workload.spec.template.metadata;
      for (const [key, value] of Object.entries(workload.spec.selector.matchLabels)) assert.equal(labels[key], value);
    }
    for (const { object } of objects.filter((entry) => entry.object.kind === 'Service')) {
      const found = workloads.filter((workload) => Object.entries(object.spec.selector).every(([key, value]) => workload.spec.template.metadata.labels[key] === value));
      assert.ok(found.length > 0, `${object.metadata.name} selects nothing`);
      const ports = found.flatMap((workload) => workload.spec.template.spec.containers[0].ports.map((port) => port.name));
      for (const port of object.spec.ports) assert.ok(ports.includes(port.targetPort), `${object.metadata.name}: ${port.targetPort}`);
    }
  });

  test(`${name}: pods are locked down and stop in order`, { skip }, () => {
    const pods = rendered[name].objects.map(({ object }) => (object.kind === 'Pod' ? object.spec : object.spec?.template?.spec)).filter(Boolean);
    assert.ok(pods.length > 0);
    for (const pod of pods) {
      assert.equal(pod.automountServiceAccountToken, false);
      assert.equal(pod.securityContext.runAsNonRoot, true);
      assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        assert.equal(container.securityContext.readOnlyRootFilesystem, true);
        assert.equal(container.securityContext.allowPrivilegeEscalation, false);
        assert.deepEqual(container.securityContext.capabilities.drop, ['ALL']);
        const grace = container.env?.find((one) => one.name === 'Shutdown__Grace')?.value;
        if (grace === undefined) continue;
        const [hours, minutes, seconds] = grace.split(':').map(Number);
        const preStop = container.lifecycle?.preStop.sleep.seconds ?? 0;
        assert.ok(pod.terminationGracePeriodSeconds > hours * 3600 + minutes * 60 + seconds + preStop, 'the grace period covers the drain');
        const mounted = container.volumeMounts.map((mount) => mount.name);
        const claimed = ['models'].filter((volume) => mounted.includes(volume));
        for (const volume of mounted) if (!claimed.includes(volume)) assert.ok(pod.volumes.some((one) => one.name === volume), `volume ${volume}`);
      }
    }
  });
}

test('no object has a field that its API does not know', { skip }, () => {
  const objects = Object.values(rendered).flatMap((one) => one.objects.map((entry) => entry.object));
  assert.deepEqual(unknownFieldsOf(objects), []);
});

test('an unknown field and a wrong type are found', { skip }, () => {
  const deployment = structuredClone(find(rendered.default.objects, 'Deployment', 'trial-cluster-edge'));
  deployment.spec.template.spec.containers[0].imagePolicy = 'Always';
  const service = structuredClone(find(rendered.default.objects, 'Service', 'trial-cluster'));
  service.spec.ports[0].port = 'eighty';
  const route = structuredClone(find(rendered.gateway.objects, 'HTTPRoute'));
  route.spec.rules[0].timeouts.idle = '1s';
  const faults = unknownFieldsOf([deployment, service, route]);
  assert.equal(faults.length, 3, faults.join('\n'));
  assert.match(faults[0], /imagePolicy/);
});

test('rolling out: edges never below their number, pools never ask for a second device', { skip }, () => {
  const { objects } = rendered['gpu-models'];
  assert.deepEqual(find(objects, 'Deployment', 'trial-cluster-edge').spec.strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
  for (const name of ['small', 'large']) assert.equal(find(objects, 'Deployment', `trial-cluster-pool-${name}`).spec.strategy.rollingUpdate.maxSurge, 0);
});

test('devices: resource names, the image with CUDA, a device for each replica', { skip }, () => {
  const { objects } = rendered['gpu-models'];
  const [small, large, fallback] = ['small', 'large', 'fallback'].map((name) => find(objects, 'Deployment', `trial-cluster-pool-${name}`).spec.template.spec);
  assert.equal(small.containers[0].resources.limits['nvidia.com/mig-1g.10gb'], 1);
  assert.equal(large.containers[0].resources.limits['nvidia.com/gpu'], 1);
  assert.equal(large.containers[0].resources.limits.memory, '48Gi');
  assert.equal(large.runtimeClassName, 'nvidia');
  assert.equal(large.containers[0].image, 'registry.example.com/ml/cluster:1.2.3-cuda');
  assert.equal(fallback.containers[0].image, 'registry.example.com/ml/cluster:1.2.3');
  assert.ok(large.containers[0].env.some((one) => one.name === 'Cluster__Devices__Devices__0' && one.value === 'cuda:0'));
  assert.ok(!fallback.containers[0].env.some((one) => one.name === 'Cluster__Devices__Devices__0'));
  const catalogue = JSON.parse(find(objects, 'ConfigMap', 'trial-cluster-edge').data['models.json']);
  assert.deepEqual(catalogue.models.map((model) => [model.id, model.path, model.graph]), [
    ['small', '/models/qwen-0.5b', 'onnx/model_fp16.onnx'], ['qwen/large', '/models/qwen-large', 'onnx/model_q4.onnx'], ['cluster-extract-1', '/app/cluster-config/models/cluster-extract-1', undefined]]);
  assert.equal(JSON.parse(find(objects, 'ConfigMap', 'trial-cluster-pool-large').data['models.json']).models.length, 1);
});

test('tables are bounded by the memory that a container may have', { skip }, () => {
  const bounds = (values, map = 'trial-cluster-edge') => {
    const settings = JSON.parse(find(render(values).objects, 'ConfigMap', map).data['appsettings.json']);
    return [settings.Cluster?.GrammarCacheBytesMax, settings.Cluster?.SharedAutomataBytesMax, settings.OpenAI?.StoredResponseBytesMax];
  };
  const edge = (memory, more) => ({ edge: { resources: { limits: { memory } } }, ...more });
  assert.deepEqual(bounds(edge('1Gi')), [64 << 20, 64 << 20, 64 << 20]);
  assert.deepEqual(bounds(edge('1500M')), [93_750_000, 93_750_000, 93_750_000]);
  assert.deepEqual(bounds(edge(536870912)), [32 << 20, 32 << 20, 32 << 20]);
  // Never above the program's own.
  assert.deepEqual(bounds(edge('64Gi')), [256 << 20, 512 << 20, 256 << 20]);
  // What is said is kept; what cannot be read leaves the program's own.
  assert.deepEqual(bounds(edge('1Gi', { settings: { Cluster: { GrammarCacheBytesMax: 5_000_000 } } })), [5_000_000, 64 << 20, 64 << 20]);
  assert.deepEqual(bounds(edge('1e9')), [undefined, undefined, undefined]);
  assert.deepEqual(bounds({ models: [{ name: 'm', path: 'models/m', resources: { limits: { memory: '512Mi' } } }] }, 'trial-cluster-pool-m'), [32 << 20, 32 << 20, 32 << 20]);
});

test('scaling: KEDA or the autoscaler, never both, and then no fixed number', { skip }, () => {
  for (const [name, kind, other] of [['keda', 'ScaledObject', 'HorizontalPodAutoscaler'], ['hpa', 'HorizontalPodAutoscaler', 'ScaledObject']]) {
    const { objects } = rendered[name];
    assert.equal(objects.filter(({ object }) => object.kind === kind).length, 2);
    assert.equal(find(objects, other), undefined);
    for (const { object } of objects) if (object.kind === 'Deployment') assert.equal(object.spec.replicas, undefined, object.metadata.name);
  }
  for (const { object } of rendered.default.objects) assert.ok(!['ScaledObject', 'HorizontalPodAutoscaler'].includes(object.kind));
});

test('weights: edges with a volume of their own do not fetch them, replicas do', { skip }, () => {
  const { objects } = rendered['per-replica-storage'];
  const script = (object) => object.spec.template.spec.initContainers[0].args[0];
  assert.doesNotMatch(script(find(objects, 'Deployment', 'trial-cluster-edge')), /model\.onnx/);
  assert.match(script(find(objects, 'StatefulSet', 'trial-cluster-pool-qwen')), /model\.onnx/);
  assert.match(script(find(rendered['ephemeral-storage'].objects, 'Deployment')), /model\.onnx/);
});

test('secrets that exist are used and none is made', { skip }, () => {
  const { objects, texts } = rendered['existing-secrets'];
  assert.equal(find(objects, 'Secret'), undefined);
  assert.equal(find(objects, 'StatefulSet'), undefined);
  const pod = find(objects, 'Deployment', 'trial-cluster-edge').spec.template.spec;
  assert.equal(pod.volumes.find((volume) => volume.name === 'keys').secret.secretName, 'llm-keys');
  assert.equal(pod.volumes.find((volume) => volume.name === 'tls').secret.secretName, 'llm-tls');
  assert.doesNotMatch(texts['templates/NOTES.txt'], /get secret/);
});

test('the key that is made fits its hash', { skip }, async () => {
  const { createHash } = await import('node:crypto');
  const secret = find(rendered.default.objects, 'Secret', 'trial-cluster-keys').stringData;
  assert.match(secret.key, /^sk-cluster-[A-Za-z0-9]{48}$/);
  assert.deepEqual(JSON.parse(secret['keys.json']), { keys: [{ id: 'admin', isAdmin: true, hash: `sha256:${createHash('sha256').update(secret.key).digest('hex')}` }] });
});

test('streams pass the ingress unbuffered and for an hour', { skip }, () => {
  const { annotations } = find(rendered.ingress.objects, 'Ingress').metadata;
  assert.equal(annotations['nginx.ingress.kubernetes.io/proxy-buffering'], 'off');
  assert.equal(annotations['nginx.ingress.kubernetes.io/proxy-read-timeout'], '3600');
  assert.equal(annotations['nginx.ingress.kubernetes.io/proxy-body-size'], '32m', 'the operator has the last word');
});

test('the network policy: silos among themselves, HTTP to edges, the database for silos alone', { skip }, () => {
  const { objects } = rendered.default;
  const silos = find(objects, 'NetworkPolicy', 'trial-cluster-silos').spec;
  assert.deepEqual(silos.ingress[0].ports, [{ port: 'silo' }, { port: 'gateway' }]);
  assert.equal(silos.ingress[0].from[0].podSelector.matchLabels['cluster/silo'], 'true');
  assert.deepEqual(find(objects, 'NetworkPolicy', 'trial-cluster-edge').spec.ingress[0].ports, [{ port: 'http' }]);
  assert.deepEqual(find(objects, 'NetworkPolicy', 'trial-cluster-database').spec.egress, []);
  const observed = find(rendered.observed.objects, 'NetworkPolicy', 'trial-cluster-silos').spec;
  assert.ok(observed.egress.some((rule) => rule.ports?.[0].port === 4317), 'the collector can be reached');
});

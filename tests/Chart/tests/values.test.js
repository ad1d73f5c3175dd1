// Values that must be refused: by the schema where it can say so, else by the templates, each with its reason.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { cannotRender, chart, read, render } from '../support/render.js';
import { defaults, faultsOfValues } from '../support/values.js';

const model = { name: 'm', path: 'models/m' };
const refusedBySchema = {
  'an unknown key': [{ replicaCount: 3 }, /replicaCount/],
  'an unknown key deep down': [{ edge: { autoscaling: { kind: 'hpa', targetCPU: 50 } } }, /targetCPU/],
  'an unknown mode': [{ mode: 'standalone' }, /mode/],
  'both scalers at once': [{ edge: { autoscaling: { kind: 'hpa,keda' } } }, /kind/],
  'no model': [{ models: [] }, /models/],
  'a model without a folder': [{ models: [{ name: 'm' }] }, /path/],
  'a pool name that Kubernetes refuses': [{ models: [{ ...model, name: 'My_Model' }] }, /name/],
  'a model with an unknown key': [{ models: [{ ...model, gpu: 1 }] }, /gpu/],
  'a dtype that does not exist': [{ models: [{ ...model, dtype: 'fp4' }] }, /dtype/],
  'no slots': [{ models: [{ ...model, slots: 0 }] }, /slots/],
  'a MIG profile that is none': [{ models: [{ ...model, device: { mig: 'half' } }] }, /mig/],
  'a digest that is none': [{ image: { digest: 'latest' } }, /digest/],
  'a tag that is a number': [{ image: { tag: 1.2 } }, /tag/],
  'a replica count in words': [{ edge: { replicas: 'two' } }, /replicas/],
  'an ingress without hosts': [{ ingress: { enabled: true } }, /hosts/],
  'a route without a gateway': [{ httpRoute: { enabled: true } }, /parentRefs/],
  'a kind of storage that does not exist': [{ storage: { kind: 'nfs' } }, /kind/],
  'a download without its checksum': [{ storage: { kind: 'ephemeral', download: { files: [{ path: 'a', url: 'http://x/a' }] } } }, /sha256/],
  'a download that leaves its folder': [{ storage: { kind: 'ephemeral', download: { files: [{ path: '../a', url: 'http://x/a', sha256: 'a'.repeat(64) }] } } }, /path/],
  'a model on storage that is not there': [{ models: [{ name: 'm', path: '/models/m' }] }, /path/],
  'a format of the log that does not exist': [{ telemetry: { logFormat: 'xml' } }, /logFormat/],
  'a port past the last': [{ service: { port: 70000 } }, /port/],
};

for (const [name, [values, pattern]] of Object.entries(refusedBySchema)) {
  test(`refused by the schema: ${name}`, () => {
    const faults = faultsOfValues(values);
    assert.ok(faults.some((fault) => pattern.test(fault)), faults.join('\n') || 'accepted');
  });
}

const refusedByTemplates = {
  'two pools of one name': [{ models: [model, { ...model, id: 'other' }] }, /same name/],
  'two models of one id': [{ models: [model, { ...model, name: 'other', id: 'm' }] }, /same id/],
  'a cluster without a database': [{ database: { trial: { enabled: false } } }, /database\.existingSecret/],
  'TLS without a certificate': [{ tls: { enabled: true } }, /tls\.existingSecret/],
  'cert-manager without an issuer': [{ tls: { enabled: true, certManager: { enabled: true } } }, /issuerRef/],
  'silos with cert-manager and no issuer': [{ siloTls: { enabled: true, certManager: { enabled: true } } }, /siloTls\.certManager\.issuerRef/],
  'KEDA without a Prometheus': [{ edge: { autoscaling: { kind: 'keda' } } }, /edge\.autoscaling\.prometheus/],
  'a pool on KEDA without a Prometheus': [{ poolDefaults: { autoscaling: { kind: 'keda' } } }, /extract: autoscaling\.prometheus/],
  'devices in embedded mode': [{ mode: 'embedded', models: [{ ...model, device: { count: 1 } }] }, /embedded mode has no devices/],
  'a download with nowhere to go': [{ storage: { download: { files: [{ path: 'a', url: 'http://x/a', sha256: 'a'.repeat(64) }] } } }, /storage\.kind/],
  'edges without weights and without a fingerprint': [{
    storage: { kind: 'perReplica', download: { files: [{ path: 'm/model.onnx', url: 'http://x/a', sha256: 'a'.repeat(64), weights: true }] } },
    models: [{ name: 'm', path: '/models/m' }],
  }, /fingerprint/],
};

for (const [name, [values, pattern]] of Object.entries(refusedByTemplates)) {
  test(`refused by the templates: ${name}`, { skip: cannotRender }, () => {
    assert.deepEqual(faultsOfValues(values), [], 'the schema accepts it');
    assert.throws(() => render(values), pattern);
  });
}

test('the chart\'s own values are described key by key', () => {
  assert.deepEqual(faultsOfValues({}), []);
  const schema = JSON.parse(read(path.join(chart, 'values.schema.json')));
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
  const missing = [];
  const walk = (values, node, where) => {
    const resolved = node.$ref ? schema.definitions[node.$ref.split('/').at(-1)] : node;
    if (resolved.properties === undefined) return;
    assert.equal(resolved.additionalProperties, false, where);
    for (const [key, value] of Object.entries(values)) {
      if (resolved.properties[key] === undefined) missing.push(`${where}/${key}`);
      else if (value !== null && typeof value === 'object' && !Array.isArray(value)) walk(value, resolved.properties[key], `${where}/${key}`);
    }
  };
  walk(defaults, schema, '');
  assert.deepEqual(missing, []);
});

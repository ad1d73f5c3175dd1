// The chart's cluster as it starts it: an edge and two replicas as processes, found through PostgreSQL, with TLS between them.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pod, hostDll } from '../support/pod.js';
import { Postgres, noPostgres } from '../support/postgres.js';
import { cannotRender, find, render, valueSets } from '../support/render.js';

const skip = cannotRender || noPostgres || (existsSync(hostDll) ? false : 'the server is not built (make build)')
  || (existsSync(hostDll.replace('Cluster.Host.dll', 'Orleans.Runtime.dll')) ? false : 'this build has no cluster mode (no Orleans packages)');

// Cores may be busy: nothing here is to be taken for lost because it is slow.
const values = {
  poolDefaults: { drainSeconds: 120, startupSeconds: 600 }, edge: { drainSeconds: 120, preStopSeconds: 0, startupSeconds: 600 },
  settings: { Cluster: { Fleet: { PulseLostMs: 20000, PulseLostMaxMs: 60000, StaleMs: 30000 }, Membership: { ProbeTimeoutMs: 20000 } } },
};
const longSchema = { type: 'object', properties: { list: { type: 'array', items: { type: 'integer', minimum: 100, maximum: 999 }, minItems: 100, maxItems: 100 } }, required: ['list'], additionalProperties: false };

let database;
let edge;
let replicas = [];
let key;

before(async () => {
  if (skip) return;
  const { objects } = render(valueSets['silo-tls'], values);
  key = find(objects, 'Secret', 'trial-cluster-keys').stringData.key;
  database = new Postgres('127.0.0.60');
  const pod = (workload, address, number) => new Pod(objects, find(objects, 'Deployment', workload), address, { name: `${workload}-${number}`, hosts: { 'trial-cluster-database': database.address } }).start();
  edge = pod('trial-cluster-edge', '127.0.0.61', 0);
  replicas = [pod('trial-cluster-pool-extract', '127.0.0.62', 0), pod('trial-cluster-pool-extract', '127.0.0.63', 1)];
});
after(async () => {
  await Promise.all([edge, ...replicas].map((pod) => pod?.dispose()));
  database?.dispose();
});

const outputs = () => [edge, ...replicas].map((pod) => `${pod.name}:\n${pod.output.slice(-2000)}`).join('\n');
const ask = (body) => fetch(`${edge.url()}/v1/chat/completions`, {
  method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'cluster-extract-1', messages: [{ role: 'user', content: 'Extract: 3 numbers.' }], ...body }),
});
const strict = (schema) => ({ response_format: { type: 'json_schema', json_schema: { name: 'list', strict: true, schema } } });
async function until(condition, what) {
  for (let i = 0; i < 1200; i++) {
    if (await condition()) return;
    await sleep(250);
  }
  assert.fail(`${what}\n${outputs()}`);
}

test('every pod starts by its own probes, in any order', { skip }, async () => {
  assert.deepEqual(await Promise.all([edge, ...replicas].map((pod) => pod.probeUntil('startupProbe'))), [true, true, true], outputs());
  await until(() => edge.probe('readinessProbe'), 'the edge does not become ready');
  for (const pod of [edge, ...replicas]) assert.ok(await pod.probe('livenessProbe'));
});

test('the internal port says how each model is; the edge sees both replicas', { skip }, async () => {
  await until(async () => (await (await fetch(`${edge.url('internal')}/health/ready`)).json()).models[0].ready_replicas === 2, 'the edge does not see both replicas');
  const { models } = await (await fetch(`${edge.url('internal')}/health/ready`)).json();
  assert.deepEqual(models, [{ id: 'cluster-extract-1', state: 'ready', ready_replicas: 2, replicas: 2 }]);
  assert.equal((await (await fetch(`${edge.url()}/health/ready`)).json()).models, undefined, 'names of models need a key or the internal port');
});

test('a request under a schema is answered through the edge', { skip }, async () => {
  const answer = await (await ask(strict({ type: 'object', properties: { age: { type: 'integer' } }, required: ['age'], additionalProperties: false }))).json();
  assert.equal(typeof JSON.parse(answer.choices[0].message.content).age, 'number', JSON.stringify(answer));
});

test('the admin pages show the silos, and draining one empties it', { skip }, async () => {
  const admin = async (where, options = {}) => (await fetch(`${edge.url()}/admin${where}`, { ...options, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-www-form-urlencoded' } })).text();
  const ready = async () => (await (await fetch(`${edge.url('internal')}/health/ready`)).json()).models[0].ready_replicas;
  const silos = [...(await admin('/silos')).matchAll(/actions\/drain\?target=([^"]+)"/g)].map(([, silo]) => decodeURIComponent(silo.replaceAll('&amp;', '&'))).filter((silo) => silo.includes('127.0.0.62') || silo.includes('127.0.0.63'));
  assert.equal(silos.length, 2);
  await admin('/actions/drain', { method: 'POST', body: new URLSearchParams({ target: silos[0] }) });
  await until(async () => await ready() === 1, 'the silo is not emptied');
  assert.match(await admin('/silos'), /Drained/);
  await admin('/actions/resume', { method: 'POST', body: new URLSearchParams({ target: silos[0] }) });
  await until(async () => await ready() === 2, 'the silo is not used again');
});

test('a pool that is rolled out ends no stream: it moves to the other replica', { skip }, async () => {
  const response = await ask({ stream: true, max_tokens: 2000, ...strict(longSchema) });
  assert.equal(response.status, 200);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value;
  const used = async (pod) => Number(/^vllm:num_requests_running\{.*\} (\d+)$/m.exec(await (await fetch(`${pod.url('internal')}/metrics`)).text())?.[1] ?? 0);
  const busy = (await used(replicas[0])) > 0 ? replicas[0] : replicas[1];
  const stopped = busy.stop();
  let chunk;
  while (!(chunk = await reader.read()).done) text += chunk.value;
  assert.match(text, /data: \[DONE\]\n\n$/);
  const document = text.split('\n\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '').join('');
  assert.equal(JSON.parse(document).list.length, 100);
  assert.deepEqual(await stopped, { code: 0, signal: null }, busy.output);
  assert.equal((await ask({ max_tokens: 3 })).status, 200, 'the other one serves');
});

test('without its last replica the edge is alive but not ready, and says 503', { skip }, async () => {
  const left = replicas.find((pod) => pod.process.exitCode === null);
  assert.deepEqual(await left.stop(), { code: 0, signal: null }, left.output);
  await until(async () => !(await edge.probe('readinessProbe')), 'the edge stays ready');
  assert.ok(await edge.probe('livenessProbe'));
  assert.deepEqual(await edge.stop(), { code: 0, signal: null }, edge.output);
});

// The program under exactly what the chart gives it: it becomes ready, serves, drains.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Pod, hostDll } from '../support/pod.js';
import { cannotRender, chart, find, has, read, render, valueSets } from '../support/render.js';

const skip = cannotRender || (existsSync(hostDll) ? false : 'the server is not built (make build)');
// Cores may be busy: the grace covers the stream below however long it takes.
const values = { edge: { drainSeconds: 300 }, models: [{ name: 'extract', id: 'cluster-extract-1', path: 'models/cluster-extract-1', injectSchema: true, slots: 4, threads: 1, sampling: { temperature: 0 } }] };
const longSchema = { type: 'object', properties: { list: { type: 'array', items: { type: 'integer', minimum: 100, maximum: 999 }, minItems: 120, maxItems: 120 } }, required: ['list'], additionalProperties: false };

let pod;
let objects;
let key;
before(async () => {
  if (skip) return;
  ({ objects } = render(valueSets.embedded, values));
  key = find(objects, 'Secret', 'trial-cluster-keys').stringData.key;
  pod = new Pod(objects, find(objects, 'Deployment', 'trial-cluster-edge'), '127.0.0.41').start();
});
after(() => pod?.dispose());

const post = (body) => fetch(`${pod.url()}/v1/chat/completions`, {
  method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'cluster-extract-1', messages: [{ role: 'user', content: 'Extract: 3 numbers.' }], ...body }),
});

test('it becomes ready by its own probes', { skip }, async () => {
  assert.ok(await pod.probeUntil('startupProbe'), pod.output);
  assert.ok(await pod.probe('readinessProbe'));
  assert.ok(await pod.probe('livenessProbe'));
});

test('it asks for the key of the chart\'s secret', { skip }, async () => {
  assert.equal((await fetch(`${pod.url()}/v1/models`)).status, 401);
  const models = await (await fetch(`${pod.url()}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).json();
  assert.deepEqual(models.data.map((model) => model.id), ['cluster-extract-1']);
});

test('the internal port gives the metrics without a key, the public port does not', { skip }, async () => {
  const internal = await fetch(`${pod.url('internal')}/metrics`);
  assert.equal(internal.status, 200);
  assert.match(await internal.text(), /^vllm:num_requests_running\{.*\} \d+$/m);
  assert.equal((await fetch(`${pod.url()}/metrics`)).status, 401);
});

test('everything that dashboards and alerts ask for is measured', { skip }, async () => {
  const names = new Set([...(await (await fetch(`${pod.url('internal')}/metrics`)).text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)]
    .flatMap(([, name, type]) => (type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name])));
  const alerts = JSON.stringify(find(render(valueSets.observed).objects, 'PrometheusRule').spec);
  const queries = readdirSync(path.join(chart, 'dashboards')).map((name) => read(path.join(chart, 'dashboards', name)));
  const asked = new Set([alerts, ...queries].flatMap((text) => text.match(/\b(vllm:|cluster_)[a-z_]+(?=\{)/g)));
  assert.ok(asked.size > 25);
  assert.deepEqual([...asked].filter((name) => !names.has(name)), []);
});

test('the request of `helm test` succeeds', { skip: skip || (has('curl') ? false : 'curl is missing') }, () => {
  const [container] = find(objects, 'Pod', 'trial-cluster-test').spec.containers;
  const script = container.args[0].replace('http://trial-cluster:80', pod.url());
  assert.notEqual(script, container.args[0]);
  const done = spawnSync(container.command[0], [...container.command.slice(1), script], { encoding: 'utf8', env: { PATH: process.env.PATH, KEY: key } });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  const refused = spawnSync(container.command[0], [...container.command.slice(1), script], { encoding: 'utf8', env: { PATH: process.env.PATH, KEY: 'wrong' } });
  assert.notEqual(refused.status, 0, 'it can fail');
});

test('it drains: readiness falls, the open stream ends whole, the process ends by itself within the grace period', { skip }, async () => {
  const response = await post({ stream: true, max_tokens: 2000, response_format: { type: 'json_schema', json_schema: { name: 'list', strict: true, schema: longSchema } } });
  assert.equal(response.status, 200);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value;
  const stopped = pod.stop();
  let chunk;
  while (!(chunk = await reader.read()).done) text += chunk.value;
  assert.equal(await pod.probe('readinessProbe'), false);
  assert.match(text, /data: \[DONE\]\n\n$/);
  const document = text.split('\n\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '').join('');
  assert.equal(JSON.parse(document).list.length, 120);
  assert.deepEqual(await stopped, { code: 0, signal: null }, pod.output);
});

// The real server under mixed load for SOAK_MINUTES (30), with random disconnects, hostile schemas and reloads of models, limits and keys.
//   1. Start it with a catalogue of its own.      4. Sample memory, handles and threads from /metrics.
//   2. Clients: valid, hostile, leaving.          5. Stop the load, wait until it is idle, stop the server.
//   3. Reloads, some of them faulty.              6. Judge: nothing grew, no error that was not provoked. Write the graph.
// SOAK_CLIENTS (12), SOAK_PAUSE (longest pause of a client between two requests, in ms: 0), SOAK_SEED (1), SOAK_GRAPH (docs/soak.svg). The last line is "N passed, N failed, N skipped".
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { graphOf } from './graph.js';
import { Server } from './server.js';
import { Requests } from './requests.js';
import { randomOf } from './random.js';

const number = (name, fallback) => Number(process.env[name] || fallback);
const minutes = number('SOAK_MINUTES', 30);
const clients = number('SOAK_CLIENTS', 12);
const pause = number('SOAK_PAUSE', 0);
const seed = number('SOAK_SEED', 1);
const graph = process.env.SOAK_GRAPH || 'docs/soak.svg';
const end = Date.now() + minutes * 60_000;
const isOver = () => Date.now() >= end;

// 1.
const server = await Server.start();
const faults = [];
const counts = {};
const count = (what) => { counts[what] = (counts[what] ?? 0) + 1; };

// 2.
async function client(index) {
  const random = randomOf(seed * 1000 + index);
  const requests = new Requests(server, random);
  while (!isOver() && faults.length < 20) {
    const [what, fault] = await requests.next();
    count(what);
    if (fault) faults.push(`${what}: ${fault}`);
    if (pause > 0) await sleep(random() * pause);
  }
}

// 3.
async function reload() {
  const random = randomOf(seed);
  for (let round = 0; !isOver(); round++) {
    await sleep(8_000 + random() * 8_000);
    count(`reload of ${server.change(round)}`);
  }
}

// 4.
const samples = [];
const began = Date.now();
async function sample() {
  while (!isOver()) {
    samples.push({ minute: (Date.now() - began) / 60_000, ...await server.figures() });
    await sleep(Math.min(5_000, minutes * 500));
  }
}

await Promise.all([...Array.from({ length: clients }, (_, index) => client(index)), reload(), sample()]);

// 5.
server.settle();
const idle = await server.untilIdle();
const metrics = await server.metrics();
const exitCode = await server.stop();

// 6.
const checks = [];
let skipped = 0;
const check = (name, isGood, detail) => { checks.push(isGood); console.log(`${isGood ? 'ok' : 'FAILED'}: ${name}${detail ? ` (${detail})` : ''}`); };
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const half = samples.slice(Math.floor(samples.length / 2));
const quarters = (name) => [half.slice(0, Math.ceil(half.length / 2)), half.slice(Math.ceil(half.length / 2))].map((part) => mean(part.map((one) => one[name])));
const [allowed, spare] = [1.1, { memory: 0, heap: 8 << 20, handles: 10, threads: 8 }];
console.log(Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1)).map(([what, times]) => `${times} × ${what}`).join(', '));
for (const name of ['memory', 'heap', 'handles', 'threads']) {
  if (minutes < 3) {
    console.log(`skipped: whether ${name} is flat; what a process takes at its beginning would decide (SOAK_MINUTES of at least 3)`);
    skipped++;
    continue;
  }
  const [third, fourth] = quarters(name);
  const shown = (value) => (name === 'memory' || name === 'heap' ? `${(value / 1048576).toFixed(0)} MiB` : value.toFixed(0));
  check(`${name} is flat: the last quarter against the one before`, fourth <= third * allowed + spare[name], `${shown(third)}, ${shown(fourth)}`);
}
if (minutes >= 3) {
  const whole = [half[0], half[Math.ceil(half.length / 2)], half.at(-1)].map((one) => one.collections);
  check('the tables that the limits bound were full before the half that is judged', half[0].filled > 0.9, `${(half[0].filled * 100).toFixed(0)} %`);
  check('the whole heap was collected in both quarters, so that what was left tells of leaks', whole[0] < whole[1] && whole[1] < whole[2], `after ${whole.join(', ')} collections`);
}
check('no error that was not provoked', faults.length === 0, faults.slice(0, 5).join(' | '));
check('no invalid document', (metrics.get('cluster_documents_invalid_total') ?? 0) === 0);
check('no request was cut by a reload', (metrics.get('cluster_retire_cut_total') ?? 0) === 0);
check('it comes to rest: nothing runs, waits or retires', idle === '', idle);
check('it stops by itself', exitCode === 0, `exit code ${exitCode}`);
check('everything was tried', ['reload of models', 'reload of limits', 'reload of keys', 'reload of a faulty file', 'disconnect', 'hostile'].every((what) => counts[what] > 0) || minutes < 3);
if (checks.includes(false)) console.log(server.output.slice(-3000));
mkdirSync(graph.replace(/[^/]*$/, '') || '.', { recursive: true });
writeFileSync(graph, graphOf(samples, `${minutes} minutes, ${clients} clients, ${Object.values(counts).reduce((sum, value) => sum + value, 0)} requests and reloads`));
rmSync(server.folder, { recursive: true, force: true });
const failed = checks.filter((isGood) => !isGood).length;
console.log(`${checks.length - failed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

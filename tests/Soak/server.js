// The server with a configuration folder of its own, whose files change while it runs.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../..');
const hostDll = process.env.SOAK_HOST || path.join(root, 'src/Cluster.Host/bin/Release/net10.0/Cluster.Host.dll');
const embedded = path.join(root, 'cluster-config/models/cluster-extract-1');
const base = 'cluster-extract-1';
const tables = { grammars: 8 << 20, responses: 100 };
// How full the two slowest tables are, 0 to 1, is a figure beside those that are judged.
const gauges = { memory: 'cluster_process_memory_bytes', heap: 'cluster_process_heap_live_bytes', handles: 'cluster_process_handles', threads: 'cluster_process_threads', collections: 'whole collections' };

export class Server {
  folder = mkdtempSync(path.join(tmpdir(), 'soak-'));
  key = `sk-cluster-${randomBytes(32).toString('hex')}`;
  output = '';
  #isExtraServed = false;
  #version = 0;

  static async start() {
    if (!existsSync(hostDll)) throw new Error('the server is not built (make build)');
    const server = new Server();
    server.#prepare();
    // Whole collections stop the server: what one that runs beside it leaves includes what was allocated meanwhile, used or not.
    server.process = spawn('dotnet', [hostDll, '--urls', 'http://127.0.0.1:0'], { env: { ...process.env, CLUSTER_CONFIG: server.folder, DOTNET_gcConcurrent: '0' } });
    server.ended = new Promise((resolve) => { server.process.on('exit', (code) => resolve(code)); });
    server.address = await new Promise((resolve, reject) => {
      const take = (text) => {
        server.output = (server.output + text).slice(-100_000);
        const ready = /^Cluster is ready after .* on (http:\S+) with/m.exec(server.output);
        if (ready) resolve(ready[1]);
      };
      server.process.stdout.on('data', take);
      server.process.stderr.on('data', take);
      server.ended.then(() => reject(new Error(server.output)));
    });
    return server;
  }

  /** Two versions of the embedded model, which differ in a comment of their template. */
  #prepare() {
    for (const version of [0, 1]) {
      const copy = path.join(this.folder, `version-${version}`);
      cpSync(embedded, copy, { recursive: true });
      const settings = path.join(copy, 'tokenizer_config.json');
      writeFileSync(settings, readFileSync(settings, 'utf8').replace(/("chat_template": *")/, `$1{# ${version} #}`));
    }
    this.#write('keys.json', this.#keys(0));
    this.#write('appsettings.json', this.#settings(10));
    this.#writeModels();
  }

  /** At once: no reader sees half a file. */
  #write(name, value) {
    const file = path.join(this.folder, name);
    writeFileSync(`${file}.new`, typeof value === 'string' ? value : JSON.stringify(value));
    renameSync(`${file}.new`, file);
  }

  #keys = (spare) => ({
    keys: [{ id: 'soak', hash: `sha256:${createHash('sha256').update(this.key).digest('hex')}`, isAdmin: true },
      { id: `spare-${spare}`, hash: `sha256:${createHash('sha256').update(`spare ${spare}`).digest('hex')}` }],
  });

  /** Everything that is kept is bounded low, so that it is full, and evicted, long before the half that is judged: what still fills would look like a leak. */
  #settings = (choices) => ({
    Cluster: { ReloadInterval: '00:00:01', GrammarCacheBytesMax: tables.grammars, SharedAutomataBytesMax: 8 << 20, Affinity: { BlocksMax: 4096 }, DocumentCheck: { ValidatorsMax: 64 } }, Telemetry: { Schemas: { SchemasMax: 64 }, Requests: { FinishedMax: 100 } },
    Access: { KeysFile: path.join(this.folder, 'keys.json'), KeysReloadInterval: '00:00:01' }, OpenAI: { ChoicesMax: choices, StoredResponsesMax: tables.responses },
    Logging: { LogLevel: { Default: 'Warning' } },
  });

  #writeModels() {
    const entry = (id, version) => ({ id, path: path.join(this.folder, `version-${version}`), injectSchema: true, threads: 1, slots: 8, sampling: { temperature: 0 } });
    this.#write('models.json', { models: [entry(base, this.#version), ...(this.#isExtraServed ? [entry('extra', 0)] : [])] });
  }

  /** Changes something; says what. */
  change(round) {
    switch (round % 5) {
      case 0: this.#version = 1 - this.#version; this.#writeModels(); return 'models';
      case 1: this.#write('appsettings.json', this.#settings(8 + (round % 3))); return 'limits';
      case 2: this.#isExtraServed = !this.#isExtraServed; this.#writeModels(); return 'models';
      case 3: this.#write('keys.json', this.#keys(round)); return 'keys';
      default: this.#write('models.json', round % 2 ? '{"models":[' : { models: [{ id: base, path: 'nowhere' }] }); return 'a faulty file';
    }
  }

  /** The last catalogue is a good one. */
  settle() {
    this.#writeModels();
  }

  fetch = (where, options = {}) => fetch(this.address + where, { ...options, headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...options.headers } });

  /** Sums of all series by name. */
  async metrics() {
    const sums = new Map();
    for (const line of (await (await this.fetch('/metrics')).text()).split('\n')) {
      const [, name, labels, value] = /^([a-z_:]+)(\{.*\})? (\S+)$/.exec(line) ?? [];
      if (name) sums.set(name, (sums.get(name) ?? 0) + Number(value));
      if (name === 'cluster_process_collections_total' && labels === '{generation="2"}') sums.set('whole collections', Number(value));
    }
    return sums;
  }

  async figures() {
    const metrics = await this.metrics();
    const filled = Math.min(metrics.get('cluster_grammar_cache_bytes') / tables.grammars, metrics.get('cluster_responses_stored') / tables.responses);
    return { ...Object.fromEntries(Object.entries(gauges).map(([name, gauge]) => [name, metrics.get(gauge)])), filled };
  }

  /** Empty once nothing runs, waits or retires; what still does after a minute. */
  async untilIdle() {
    let busy = '';
    for (let i = 0; i < 120; i++) {
      const metrics = await this.metrics();
      busy = ['vllm:num_requests_running', 'vllm:num_requests_waiting', 'cluster_replicas_retiring'].filter((name) => metrics.get(name) > 0).map((name) => `${name} ${metrics.get(name)}`).join(', ');
      if (!busy) return '';
      await sleep(500);
    }
    return busy;
  }

  async stop() {
    this.process.kill('SIGTERM');
    const kill = setTimeout(() => this.process.kill('SIGKILL'), 60_000);
    const code = await this.ended;
    clearTimeout(kill);
    return code;
  }
}

// Runs a rendered pod's container as a process on this machine, with exactly its environment, arguments and probes.
// Translated is only what nodes and DNS would provide: volumes lie below a folder of the test's, /app is the build output, addresses are loopback addresses.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { find, root } from './render.js';

export const hostDll = path.join(root, 'src/Cluster.Host/bin/Release/net10.0/Cluster.Host.dll');

export class Pod {
  #folder = mkdtempSync(path.join(tmpdir(), 'pod-'));
  #objects;
  #translations = [];
  #hosts;

  /**
   * @param address the pod's own loopback address
   * @param options name: the pod's; hosts: addresses by service name
   */
  constructor(objects, workload, address, { name = `${workload.metadata.name}-0`, hosts = {} } = {}) {
    this.#objects = objects;
    this.name = name;
    this.#hosts = hosts;
    this.spec = workload.spec.template.spec;
    this.container = this.spec.containers[0];
    this.address = address;
    this.output = '';
    for (const mount of this.container.volumeMounts) this.#mount(mount);
    this.#translations.sort(([one], [other]) => other.length - one.length);
    this.environment = Object.fromEntries(this.container.env.map((entry) => [entry.name, this.#translate(this.#valueOf(entry))]));
    this.args = this.container.args.map((arg) => this.#translate(arg).replaceAll('//*:', `//${address}:`));
    this.#writeVolumes();
  }

  #mount({ name, mountPath }) {
    const folder = path.join(this.#folder, mountPath);
    mkdirSync(folder, { recursive: true });
    this.#translations.push([mountPath, folder, this.spec.volumes.find((volume) => volume.name === name)]);
  }

  #writeVolumes() {
    for (const [, folder, volume] of this.#translations) {
      const source = volume.configMap ? find(this.#objects, 'ConfigMap', volume.configMap.name) : volume.secret ? find(this.#objects, 'Secret', volume.secret.secretName) : null;
      for (const [key, text] of Object.entries(source?.data ?? source?.stringData ?? {})) {
        const item = volume.secret?.items?.find((one) => one.key === key);
        if (volume.secret?.items && !item) continue;
        writeFileSync(path.join(folder, item?.path ?? key), text.replaceAll('"/app/', `"${root}/`));
      }
    }
  }

  #translate(value) {
    const [mountPath, folder] = this.#translations.find(([at]) => value === at || value.startsWith(`${at}/`)) ?? [];
    return (mountPath ? folder + value.slice(mountPath.length) : value).replace(/\$\((POD_[A-Z]+)\)/g, (_, name) => this.#downward(name));
  }

  #downward = (name) => ({ POD_NAME: this.name, POD_IP: this.address })[name];

  #valueOf({ name, value, valueFrom }) {
    if (value !== undefined) return value;
    if (valueFrom.fieldRef) return this.#downward(name);
    const secret = find(this.#objects, 'Secret', valueFrom.secretKeyRef.name).stringData[valueFrom.secretKeyRef.key];
    return Object.entries(this.#hosts).reduce((text, [host, address]) => text.replaceAll(host, address), secret);
  }

  start() {
    const { PATH, HOME, DOTNET_ROOT } = process.env;
    this.process = spawn('dotnet', [hostDll, ...this.args], {
      env: { PATH, HOME, ...(DOTNET_ROOT ? { DOTNET_ROOT } : {}), TMPDIR: path.join(this.#folder, 'tmp'), ...this.environment }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (text) => { this.output += text; });
    this.ended = new Promise((resolve) => { this.process.on('exit', (code, signal) => resolve({ code, signal })); });
    return this;
  }

  port = (name) => this.container.ports.find((port) => port.name === name).containerPort;

  url = (name = 'http') => `http://${this.address}:${this.port(name)}`;

  /** One call of a probe; whether it succeeded. */
  async probe(name) {
    const { httpGet, timeoutSeconds } = this.container[name];
    try {
      const response = await fetch(this.url(httpGet.port) + httpGet.path, { signal: AbortSignal.timeout(timeoutSeconds * 1000) });
      await response.text();
      return response.status >= 200 && response.status < 400;
    } catch {
      return false;
    }
  }

  /** Calls the probe at its own period until it succeeds; false after its own threshold, or when the process ended. */
  async probeUntil(name) {
    const { periodSeconds, failureThreshold } = this.container[name];
    for (let failures = 0; failures < failureThreshold && this.process.exitCode === null; failures++) {
      if (await this.probe(name)) return true;
      await sleep(periodSeconds * 1000);
    }
    return false;
  }

  /** As the node does: the hook, then SIGTERM, and SIGKILL when the grace period is over. */
  async stop() {
    const seconds = this.container.lifecycle?.preStop?.sleep.seconds ?? 0;
    await sleep(seconds * 1000);
    this.process.kill('SIGTERM');
    const kill = setTimeout(() => this.process.kill('SIGKILL'), (this.spec.terminationGracePeriodSeconds - seconds) * 1000);
    const ended = await this.ended;
    clearTimeout(kill);
    return ended;
  }

  async dispose() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await this.ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

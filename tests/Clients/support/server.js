// Starts the built server as a process of its own on a free loopback port, over HTTPS and with one key.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const assembly = path.join(root, 'src/Cluster.Host/bin/Release/net10.0/Cluster.Host.dll');
export const state = path.join(root, 'tests/Clients/.state');
const startupMs = 60_000;

export const key = 'sk-cluster-for-the-client-tests';
const settings = {
  Access__Keys__0__Id: 'clients',
  Access__Keys__0__Hash: `sha256:${createHash('sha256').update(key).digest('hex')}`,
  Door__CertificateFile: path.join(state, 'tls.crt'),
  Door__CertificateKeyFile: path.join(state, 'tls.key'),
};

/** Resolves to { address, stop() } once the server says that it is ready. */
export function startServer(environment = {}) {
  const child = spawn('dotnet', [assembly, '--urls', 'https://127.0.0.1:0'], { cwd: root, env: { ...process.env, ...settings, ...environment } });
  let output = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server is not ready after ${startupMs} ms:\n${output}`)), startupMs);
    const take = (data) => {
      output += data;
      const ready = /Cluster is ready after .* on (https:\/\/\S+) with/.exec(output);
      if (!ready) return;
      clearTimeout(timer);
      resolve({
        address: ready[1],
        pid: child.pid,
        stop: () => new Promise((done) => {
          if (child.exitCode !== null) return done();
          child.once('exit', done);
          child.kill('SIGINT');
          setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
        }),
      });
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => { clearTimeout(timer); reject(new Error(`the server ended with ${code}:\n${output}`)); });
  });
}

export const model = 'cluster-extract-1';

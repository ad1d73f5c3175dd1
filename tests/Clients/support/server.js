// Starts the built server as a process of its own on a free loopback port.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const assembly = path.join(root, 'src/Cluster.Host/bin/Release/net10.0/Cluster.Host.dll');
const startupMs = 60_000;

/** Resolves to { address, stop() } once the server says that it is ready. */
export function startServer(environment = {}) {
  const child = spawn('dotnet', [assembly, '--urls', 'http://127.0.0.1:0'], { cwd: root, env: { ...process.env, ...environment } });
  let output = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server is not ready after ${startupMs} ms:\n${output}`)), startupMs);
    const take = (data) => {
      output += data;
      const ready = /Cluster is ready after .* on (http:\/\/\S+) with/.exec(output);
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

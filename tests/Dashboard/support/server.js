// The server as a process of its own, with an administrator's key, and the browser that looks at it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');
export const hostFolder = path.join(root, 'src/Cluster.Host/bin/Release/net10.0');
const hostDll = path.join(hostFolder, 'Cluster.Host.dll');
const browserPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((candidate) => candidate && existsSync(candidate));

// Why there is nothing to test; false where there is.
export const cannotBrowse = !browserPath ? 'no Chromium (apt-get install chromium, or name one in CHROMIUM)' : !existsSync(hostDll) ? 'the server is not built (make build)' : false;
export const key = `sk-cluster-${'d'.repeat(64)}`;
export const hashOf = (text) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export class Server {
  output = '';

  // Resolves when it serves; `settings` are environment variables beside those of the key.
  static async start(settings) {
    const server = new Server();
    server.process = spawn('dotnet', [hostDll, '--urls', 'http://127.0.0.1:0'], {
      cwd: root, env: { ...process.env, Access__Keys__0__Id: 'admin', Access__Keys__0__Hash: hashOf(key), Access__Keys__0__IsAdmin: 'true', ...settings },
    });
    server.address = await new Promise((resolve, reject) => {
      const take = (text) => {
        server.output += text;
        const ready = /^Cluster is ready after .* on (http:\S+) with/m.exec(server.output);
        if (ready) resolve(ready[1]);
      };
      server.process.stdout.on('data', take);
      server.process.stderr.on('data', take);
      server.process.on('exit', () => reject(new Error(server.output)));
    });
    return server;
  }

  // Resolves when it has ended.
  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => { this.process.on('exit', resolve); });
    this.process.kill('SIGTERM');
    await ended;
  }
}

export function launchBrowser() {
  const { chromium } = createRequire(import.meta.url)('playwright-core');
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

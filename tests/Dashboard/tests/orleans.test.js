// Orleans' own dashboard in a real browser, behind the admin key, in a cluster of one silo: it comes up under our headers, shows the cluster, and reaches nothing else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'src/Cluster.Host/bin/Release/net10.0');
const hostDll = path.join(folder, 'Cluster.Host.dll');
const browserPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((candidate) => candidate && existsSync(candidate));
const skip = !browserPath ? 'no Chromium (apt-get install chromium, or name one in CHROMIUM)' : !existsSync(hostDll) ? 'the server is not built (make build)'
  : !existsSync(path.join(folder, 'Orleans.Dashboard.dll')) ? 'this build has no Orleans dashboard (set-up did not find its package)' : false;
const key = `sk-cluster-${'d'.repeat(64)}`;

let server;
let output = '';
let address;
let browser;
let locks;

const freePort = () => new Promise((resolve) => {
  const probe = createServer();
  probe.listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => resolve(String(port))); });
});

before(async () => {
  if (skip) return;
  const port = await freePort();
  locks = mkdtempSync(path.join(tmpdir(), 'orleans-dashboard-'));
  server = spawn('dotnet', [hostDll, '--urls', 'http://127.0.0.1:0'], {
    cwd: root, env: { ...process.env, Cluster__Mode: 'Orleans', Cluster__Membership__SiloPort: port, Cluster__Membership__PrimaryPort: port, Cluster__Membership__GatewayPort: await freePort(),
      Cluster__Devices__LockFolder: locks, Access__Keys__0__Id: 'admin', Access__Keys__0__Hash: `sha256:${createHash('sha256').update(key).digest('hex')}`, Access__Keys__0__IsAdmin: 'true' },
  });
  address = await new Promise((resolve, reject) => {
    const take = (text) => {
      output += text;
      const ready = /^Cluster is ready after .* on (http:\S+) with/m.exec(output);
      if (ready) resolve(ready[1]);
    };
    server.stdout.on('data', take);
    server.stderr.on('data', take);
    server.on('exit', () => reject(new Error(output)));
  });
  const { chromium } = createRequire(import.meta.url)('playwright-core');
  browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
});
after(async () => {
  await browser?.close();
  if (!server) return;
  server.removeAllListeners('exit');
  const ended = new Promise((resolve) => { server.on('exit', resolve); });
  server.kill('SIGTERM');
  await ended;
  rmSync(locks, { recursive: true, force: true });
});

test('it comes up behind the admin key, shows the cluster and reaches nothing but this server', { skip }, async () => {
  assert.equal((await fetch(`${address}/admin/orleans/`)).status, 401);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, httpCredentials: { username: 'admin', password: key } });
  const page = await context.newPage();
  const faults = [];
  const asked = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${address}/admin/silos`);
  await page.getByRole('link', { name: 'Orleans dashboard' }).click();
  await page.waitForURL(`${address}/admin/orleans/`);
  await page.getByText('Total Activations').first().waitFor({ timeout: 60_000 });
  await page.goto(`${address}/admin/orleans/#/grains`);
  await page.getByText('ModelGrain').first().waitFor({ timeout: 60_000 });
  assert.deepEqual(faults, []);
  assert.deepEqual(asked.filter((url) => !url.startsWith(address) && !url.startsWith('data:')), []);
  await context.close();
});

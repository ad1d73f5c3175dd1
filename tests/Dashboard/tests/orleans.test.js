// Orleans' own dashboard in a real browser, behind the admin key, in a cluster of one silo: it comes up under our headers, shows the cluster, and reaches nothing else.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Server, cannotBrowse, hostFolder, key, launchBrowser } from '../support/server.js';

const skip = cannotBrowse || (existsSync(path.join(hostFolder, 'Orleans.Dashboard.dll')) ? false : 'this build has no Orleans dashboard (set-up did not find its package)');

let server;
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
  server = await Server.start({
    Cluster__Mode: 'Orleans', Cluster__Membership__SiloPort: port, Cluster__Membership__PrimaryPort: port, Cluster__Membership__GatewayPort: await freePort(), Cluster__Devices__LockFolder: locks,
  });
  address = server.address;
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (locks) rmSync(locks, { recursive: true, force: true });
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

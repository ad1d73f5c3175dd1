// The admin pages in a real browser: every page in both themes and two sizes, without a serious accessibility finding; live updates; the playground.
// DASHBOARD_SCREENSHOTS=1 also writes the pictures that the README shows.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Server, cannotBrowse as skip, hashOf, key, launchBrowser, root } from '../support/server.js';

const screenshots = path.join(root, 'docs/screenshots');

const pages = { overview: '/admin', replicas: '/admin/replicas', requests: '/admin/requests', grammars: '/admin/grammars', silos: '/admin/silos', playground: '/admin/playground', configuration: '/admin/configuration' };
const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const userKey = `sk-cluster-${'e'.repeat(64)}`;
const schema = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'], additionalProperties: false };

let server;
let address;
let browser;

const ask = (body, method = '/v1/chat/completions') => fetch(address + method, {
  method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'cluster-extract-1', messages: [{ role: 'user', content: "Extract: 'Jane Doe is 34 years old.'" }], ...body }),
});
const format = (what) => ({ response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: what } } });

before(async () => {
  if (skip) return;
  server = await Server.start({ Access__Keys__1__Id: 'user', Access__Keys__1__Hash: hashOf(userKey), Cluster__Resume__ReplicaWaitMax: '00:00:01' });
  address = server.address;
  browser = await launchBrowser();

  // Something to show: requests that succeed, one that is refused, one of an unknown model.
  for (let i = 0; i < 6; i++) assert.equal((await ask(format(schema))).status, 200);
  assert.equal((await ask(format({ ...schema, properties: { ...schema.properties, city: { type: 'string', format: 'date' } } }))).status, 200);
  assert.equal((await ask(format({ type: 'object', $dynamicRef: '#x' }))).status, 400);
  assert.equal((await ask({ model: 'none' })).status, 404);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(where, { size = 'desk', theme = 'light', ...options } = {}) {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: theme, httpCredentials: { username: 'admin', password: key }, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('requestfailed', (request) => { if (!request.url().includes('/admin/events')) page.faults.push(`${request.url()} ${request.failure().errorText}`); });
  const response = await page.goto(address + where);
  return { page, context, response };
}

for (const [name, where] of Object.entries(pages)) {
  for (const theme of ['light', 'dark']) {
    for (const size of theme === 'light' ? ['desk'] : ['desk', 'phone']) {
      test(`${name}, ${theme}, ${size}: no serious accessibility finding, nothing overflows, no fault`, { skip }, async () => {
        const { page, context, response } = await open(where, { size, theme });
        assert.equal(response.status(), 200);
        await page.addScriptTag({ content: readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8') }).catch(async () => {
          // The pages' content security policy forbids added scripts: evaluate it instead.
          await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
        });
        const { violations } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes[0].html}`), []);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= sizes[size].width, `the page is ${width} wide`);
        assert.equal(await page.locator('nav a[aria-current="page"]').count(), 1);
        page.faults = page.faults.filter((fault) => !fault.includes('Content Security Policy'));
        assert.deepEqual(page.faults, []);
        if (process.env.DASHBOARD_SCREENSHOTS && size === 'desk' && (theme === 'light' || name === 'grammars')) {
          mkdirSync(screenshots, { recursive: true });
          await page.screenshot({ path: path.join(screenshots, `${name}-${theme}.png`) });
        }
        await context.close();
      });
    }
  }
}

test('without the admin\'s key there is no page', { skip }, async () => {
  for (const where of Object.values(pages)) assert.equal((await fetch(address + where)).status, 401, where);
  assert.equal((await fetch(`${address}/admin/events/overview`)).status, 401);
});

test('pages reach nothing but this server', { skip }, async () => {
  const context = await browser.newContext({ httpCredentials: { username: 'admin', password: key } });
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const where of Object.values(pages)) await page.goto(address + where);
  assert.ok(asked.length > Object.keys(pages).length);
  assert.deepEqual(asked.filter((url) => !url.startsWith(address)), []);
  await context.close();
});

test('the overview changes by itself when requests come', { skip }, async () => {
  const { page, context } = await open(pages.requests);
  const first = await page.locator('#live section').nth(1).locator('tbody tr').first().innerText();
  assert.equal((await ask({ max_tokens: 3 })).status, 200);
  await page.waitForFunction((before) => document.querySelectorAll('#live section')[1].querySelector('tbody tr').innerText !== before, first, { timeout: 10_000 });
  await context.close();
});

test('one request\'s timeline, without its text', { skip }, async () => {
  const { page, context } = await open(pages.requests);
  await page.locator('#live tr', { hasText: 'cluster-extract-1' }).locator('a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/admin\/requests\/[0-9a-f]{32}$/);
  const text = await page.locator('main').innerText();
  assert.match(text, /Queue and prompt/);
  assert.match(text, /Moves between replicas/);
  assert.doesNotMatch(text, /Jane/);
  await context.close();
});

test('one grammar: times of masks and what became of each keyword', { skip }, async () => {
  const { page, context } = await open(pages.grammars);
  const overview = await page.locator('main').innerText();
  assert.match(overview, /dynamicRef/i);
  assert.match(overview, /\bperson\b/, 'what callers call it');
  await page.locator('#live a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/admin\/grammars\/[0-9a-f]{64}$/);
  const text = await page.locator('main').innerText();
  assert.match(text, /additionalProperties/);
  assert.match(text, /Enforced/);
  await context.close();
});

test('the configuration shows settings and masks secrets', { skip }, async () => {
  const { page, context } = await open(pages.configuration);
  const text = await page.locator('main').innerText();
  assert.match(text, /OpenAI:SchemaDepthMax\s+8\s+default/);
  assert.match(text, /Access:Keys\s+\(secret\)\s+environment/);
  await context.close();
});

test('every example of the playground streams an answer', { skip }, async () => {
  const { page, context } = await open(pages.playground);
  const examples = await page.locator('select[name=example] option').allInnerTexts();
  assert.ok(examples.length >= 4);
  for (const example of examples) {
    await page.selectOption('select[name=example]', example);
    await page.locator('input[name=tokens]').fill('120');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForFunction(() => /tokens/.test(document.getElementById('outcome').textContent), null, { timeout: 60_000 });
    const answer = await page.locator('#answer').innerText();
    if (example !== 'Free text') assert.doesNotThrow(() => JSON.parse(answer), example);
  }
  if (process.env.DASHBOARD_SCREENSHOTS) await page.screenshot({ path: path.join(screenshots, 'playground-light.png') });
  await page.locator('textarea[name=schema]').fill('{"type":"object","$dynamicRef":"#x"}');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForFunction(() => document.getElementById('outcome').textContent.length > 20);
  assert.match(await page.locator('#outcome').innerText(), /dynamicRef|schema/i);
  await context.close();
});

test('the playground shows how many tokens each step allowed, and the forced runs', { skip }, async () => {
  const { page, context } = await open(pages.playground);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForSelector('#steps:not([hidden])', { timeout: 60_000 });
  assert.match(await page.locator('#steps-summary').innerText(), /^[0-9]+ steps: [1-9][0-9]* forced, in [1-9][0-9]* runs; [1-9][0-9]* chosen by the model\.$/);
  const rows = await page.locator('#steps tbody tr').allInnerTexts();
  assert.equal(await page.locator('#outcome').innerText().then((text) => Number(/([0-9]+) tokens/.exec(text)[1])), rows.length, 'a row for each token');
  assert.ok(rows.some((row) => /\b1 of [0-9,]+\s+forced \(2 in a row\)/.test(row)), rows.join('\n'));
  assert.ok(rows.some((row) => /[0-9]{2,} of [0-9,]+\s+of the model/.test(row)));
  const text = (await page.locator('#steps tbody code').allInnerTexts()).join('');
  assert.deepEqual(JSON.parse(text.replaceAll('\\"', '"').replaceAll('\\\\', '\\')), JSON.parse(await page.locator('#answer').innerText()));
  await context.close();
});

const readiness = async () => (await fetch(`${address}/health/ready`)).status;
const confirm = async (page, button) => {
  await page.getByRole('button', { name: button }).click();
  await page.waitForURL(/\/admin\/replicas\?done=/);
};

test('actions: each is asked for again, done, and said on the page', { skip }, async () => {
  const { page, context } = await open(pages.replicas);
  const row = (text) => page.locator('#live tr', { hasText: text });
  const shows = (text, count = 1) => page.waitForFunction(([part, number]) => [...document.querySelectorAll('#live tr')].filter((one) => one.innerText.includes(part)).length === number, [text, count], { timeout: 60_000 });

  // Scale, by keyboard, with a number that is none first.
  await page.getByRole('link', { name: 'Scale cluster-extract-1' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/admin\/actions\/scale/);
  await page.getByLabel('Replicas').fill('2');
  await confirm(page, 'Scale cluster-extract-1');
  assert.match(await page.locator('.done').innerText(), /Scale cluster-extract-1 to 2/);
  await shows('cluster-extract-1/', 2);
  await page.waitForFunction(() => document.querySelectorAll('#live .state.ready').length === 3, null, { timeout: 60_000 });
  await page.getByRole('link', { name: 'Scale cluster-extract-1' }).click();
  await page.getByLabel('Replicas').fill('9999');
  await page.getByRole('button', { name: 'Scale cluster-extract-1' }).click();
  await page.waitForSelector('[role=alert]');
  assert.match(await page.locator('[role=alert]').innerText(), /0 to 64 replicas/);
  await page.getByRole('link', { name: 'Cancel' }).click();

  // Replace: another number takes the place of the first.
  await page.getByRole('link', { name: 'Replace cluster-extract-1/0' }).click();
  await confirm(page, 'Replace cluster-extract-1/0');
  await shows('cluster-extract-1/2');
  await shows('cluster-extract-1/0', 0);

  // Drain: nothing is served, and readiness falls; resume.
  await page.getByRole('link', { name: 'Drain local' }).click();
  await confirm(page, 'Drain local');
  assert.equal(await readiness(), 503);
  await shows('Drained');
  await page.getByRole('link', { name: 'Resume local' }).click();
  await confirm(page, 'Resume local');
  assert.equal(await readiness(), 200);
  assert.equal((await ask({ max_tokens: 3 })).status, 200);

  // Unload and load.
  await page.getByRole('link', { name: 'Unload cluster-extract-1' }).click();
  await confirm(page, 'Unload cluster-extract-1');
  await shows('Unloaded');
  assert.equal(await readiness(), 503);
  assert.equal((await (await ask({ max_tokens: 3 })).json()).error.code, 'no_replica');
  await page.getByRole('link', { name: 'Load cluster-extract-1', exact: true }).click();
  await confirm(page, 'Load cluster-extract-1');
  await page.waitForFunction(() => document.querySelectorAll('#live .state.ready').length === 2, null, { timeout: 60_000 });
  assert.equal((await ask({ max_tokens: 3 })).status, 200);
  assert.deepEqual(page.faults.filter((fault) => !fault.includes('409')), []);
  assert.match(server.output, /The administrator admin asked for: Unload cluster-extract-1/);
  await context.close();
});

test('the page that asks is readable in both themes and on a phone', { skip }, async () => {
  for (const [theme, size] of [['light', 'desk'], ['dark', 'phone']]) {
    const { page, context, response } = await open('/admin/actions/scale?target=cluster-extract-1', { theme, size });
    assert.equal(response.status(), 200);
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = await page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes[0].html}`), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= sizes[size].width);
    if (process.env.DASHBOARD_SCREENSHOTS && theme === 'light') await page.screenshot({ path: path.join(screenshots, 'action-light.png') });
    await context.close();
  }
});

test('actions: only for admins, and never for another site', { skip }, async () => {
  const basic = `Basic ${Buffer.from(`admin:${key}`).toString('base64')}`;
  const post = (headers, fields, action = 'drain') => fetch(`${address}/admin/actions/${action}`, {
    method: 'POST', redirect: 'manual', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(fields),
  });
  const target = { target: 'local' };
  assert.equal((await post({}, target)).status, 401);
  assert.equal((await post({ authorization: `Bearer ${userKey}` }, target)).status, 403);
  assert.equal((await fetch(`${address}/admin/actions/drain?target=local`, { headers: { authorization: `Bearer ${userKey}` } })).status, 403);

  // A browser's own credentials: another site's page, and a form that no page of ours gave.
  assert.equal((await post({ authorization: basic, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, target)).status, 403);
  assert.equal((await post({ authorization: basic, origin: 'https://evil.example' }, target)).status, 403);
  assert.equal((await post({ authorization: basic }, target)).status, 409);
  assert.equal((await post({ authorization: basic }, { ...target, token: 'f'.repeat(64) })).status, 409);

  // A token is for one action and one target.
  const form = await (await fetch(`${address}/admin/actions/drain?target=local`, { headers: { authorization: basic } })).text();
  const [, token] = /name="token" value="([0-9a-f]{64})"/.exec(form);
  assert.equal((await post({ authorization: basic }, { target: 'cluster-extract-1', token }, 'unload')).status, 409);
  assert.equal((await post({ authorization: basic }, { target: 'elsewhere', token })).status, 409);
  assert.equal(await readiness(), 200, 'nothing was done');

  // With it, and, for scripts, with the key as a bearer token.
  assert.equal((await post({ authorization: basic }, { ...target, token })).status, 302);
  assert.equal(await readiness(), 503);
  assert.equal((await post({ authorization: `Bearer ${key}` }, target, 'resume')).status, 302);
  assert.equal(await readiness(), 200);

  // What is not there, and what is not a form.
  const bearer = { authorization: `Bearer ${key}` };
  assert.equal((await post(bearer, target, 'explode')).status, 404);
  assert.equal((await post(bearer, { target: 'x'.repeat(600) })).status, 404);
  assert.equal((await post(bearer, { target: 'none', replicas: '1' }, 'scale')).status, 409);
  assert.equal((await post(bearer, { target: 'cluster-extract-1', replicas: '-1' }, 'scale')).status, 409);
  assert.equal((await fetch(`${address}/admin/actions/drain`, { method: 'POST', headers: { ...bearer, 'content-type': 'application/json' }, body: '{"target":"local"}' })).status, 404);
  const page = await (await fetch(`${address}/admin/replicas?done=${encodeURIComponent('<script>alert(1)</script>')}`, { headers: bearer })).text();
  assert.doesNotMatch(page, /<script>alert/);
});

test('the keyboard reaches the content at once', { skip }, async () => {
  const { page, context } = await open(pages.overview);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Overview');
  await context.close();
});

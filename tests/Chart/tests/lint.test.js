// What the ecosystem's own checkers say: yamllint, and promtool on every rule and every dashboard's queries.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { cannotRender, chart, find, has, read, render, valueSets } from '../support/render.js';

const inFolder = (action) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chart-lint-'));
  try {
    return action(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
const run = (command, ...args) => {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  return { status: done.status, text: `${done.stdout}${done.stderr}` };
};
const noYamllint = has('yamllint') ? false : 'yamllint is missing (apt-get install yamllint)';
const noPromtool = has('promtool') ? false : 'promtool is missing (apt-get install prometheus)';
const lintRules = '{extends: default, rules: {line-length: disable, document-start: disable, braces: {max-spaces-inside: 1}, comments: {min-spaces-from-content: 1}, indentation: {indent-sequences: whatever}, empty-lines: {max-start: 1, max-end: 1}}}';
const lint = (...files) => assert.deepEqual(run('yamllint', '--strict', '-d', lintRules, ...files), { status: 0, text: '' });

test('yamllint: the chart and its value sets', { skip: noYamllint }, () => {
  lint(path.join(chart, 'Chart.yaml'), path.join(chart, 'values.yaml'), ...Object.values(valueSets));
});

test('yamllint: what it renders', { skip: noYamllint || cannotRender }, () => {
  inFolder((folder) => {
    const files = Object.entries(valueSets).flatMap(([name, file]) => Object.entries(render(file).texts)
      .filter(([template, text]) => template.endsWith('.yaml') && text.trim() !== '')
      .map(([template, text]) => {
        const rendered = path.join(folder, `${name}-${path.basename(template)}`);
        writeFileSync(rendered, `${text.trim()}\n`);
        return rendered;
      }));
    assert.ok(files.length > 100);
    lint(...files);
  });
});

const checkRules = (groups) => inFolder((folder) => {
  const file = path.join(folder, 'rules.yaml');
  writeFileSync(file, stringify({ groups }));
  return run('promtool', 'check', 'rules', file);
});

test('promtool: the alerts', { skip: noPromtool || cannotRender }, () => {
  const rule = find(render(valueSets.observed).objects, 'PrometheusRule');
  const checked = checkRules(rule.spec.groups);
  assert.equal(checked.status, 0, checked.text);
  assert.match(checked.text, /9 rules found/);
  assert.match(JSON.stringify(rule.spec.groups), /vllm:num_requests_waiting\{namespace=\\"models\\",service=\\"trial-cluster-internal\\"\}\) > 50/);
});

const dashboards = readdirSync(path.join(chart, 'dashboards'));
export const queriesOf = (name) => JSON.parse(read(path.join(chart, 'dashboards', name))).panels.flatMap((panel) => panel.targets.map((target) => target.expr
  .replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replaceAll('$model', '.*').replaceAll('$namespace', '.*')));

for (const name of dashboards) {
  test(`promtool: the queries of ${name}`, { skip: noPromtool }, () => {
    const queries = queriesOf(name);
    assert.ok(queries.length >= 10);
    const checked = checkRules([{ name: 'queries', rules: queries.map((expr, index) => ({ record: `query:${index}`, expr })) }]);
    assert.equal(checked.status, 0, checked.text);
    assert.equal(checkRules([{ name: 'q', rules: [{ record: 'q:1', expr: `${queries[0]})` }] }]).status, 1, 'a broken query is found');
  });

  test(`${name}: panels have ids of their own, do not overlap and fit the grid`, () => {
    const { panels } = JSON.parse(read(path.join(chart, 'dashboards', name)));
    assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
    const cells = new Set();
    for (const { title, gridPos: { x, y, w, h } } of panels) {
      assert.ok(x + w <= 24, title);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          assert.ok(!cells.has(`${column},${row}`), `${title} overlaps`);
          cells.add(`${column},${row}`);
        }
      }
    }
  });
}

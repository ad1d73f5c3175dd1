// Renders the chart with the renderer in ../renderer, which is built once with Debian's Go packages.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export const root = path.resolve(import.meta.dirname, '../../..');
export const chart = path.join(root, 'helm/cluster');
const source = path.join(import.meta.dirname, '../renderer');
const state = path.join(root, '.build/state/chart');
const program = path.join(state, 'render');
const goPath = '/usr/share/gocode';
const goPackages = ['github.com/Masterminds/sprig', 'sigs.k8s.io/yaml'];

export const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Why the chart cannot be rendered here, or false. */
export const cannotRender = !has('go') ? 'Go is missing (apt-get install golang-go golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev)'
  : !goPackages.every((name) => existsSync(path.join(goPath, 'src', name))) ? 'sprig or yaml for Go are missing (apt-get install golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev)'
    : false;

function build() {
  mkdirSync(state, { recursive: true });
  const isFresh = existsSync(program) && readdirSync(source).every((name) => statSync(path.join(source, name)).mtimeMs < statSync(program).mtimeMs);
  if (isFresh) return;
  execFileSync('go', ['build', '-o', program, '.'], { cwd: source, env: { ...process.env, GO111MODULE: 'off', GOPATH: goPath, GOFLAGS: '' }, stdio: 'pipe' });
}

/**
 * Renders with these values (an object, or paths of files) over the chart's own.
 * @returns {{texts: Record<string, string>, objects: {path: string, object: any}[]}}
 * @throws {Error} with the renderer's message
 */
export function render(...values) {
  build();
  const folder = mkdtempSync(path.join(tmpdir(), 'chart-'));
  try {
    const files = values.map((value, index) => {
      if (typeof value === 'string') return value;
      const file = path.join(folder, `${index}.yaml`);
      writeFileSync(file, stringify(value));
      return file;
    });
    const run = spawnSync(program, [chart, ...files, '-release', 'trial', '-namespace', 'models'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (run.status !== 0) throw new Error(run.stderr.trim());
    const texts = JSON.parse(run.stdout);
    const objects = Object.entries(texts).filter(([name]) => name.endsWith('.yaml')).flatMap(([name, text]) => parseAllDocuments(text).flatMap((document) => {
      if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0].message}`);
      const object = document.toJS();
      return object == null ? [] : [{ path: name, object }];
    }));
    return { texts, objects };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The committed value sets: name to file. */
export const valueSets = Object.fromEntries(readdirSync(path.join(import.meta.dirname, '../values')).sort()
  .map((name) => [path.basename(name, '.yaml'), path.join(import.meta.dirname, '../values', name)]));

export const read = (file) => readFileSync(file, 'utf8');

export const find = (objects, kind, name) => objects.map((entry) => entry.object).find((object) => object.kind === kind && (name === undefined || object.metadata.name === name));

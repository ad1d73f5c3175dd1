// A PostgreSQL server for the pods, on a loopback address of its own.
import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, readdirSync, existsSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

const installed = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`) : [];
const folder = [...process.env.PATH.split(':'), ...installed].find((one) => existsSync(path.join(one, 'initdb')) && existsSync(path.join(one, 'pg_ctl')));

/** Why no server can be started here, or false. */
export const noPostgres = folder ? false : 'initdb and pg_ctl are missing (apt-get install postgresql)';

export class Postgres {
  #data = mkdtempSync(path.join(tmpdir(), 'postgres-'));

  constructor(address) {
    this.address = address;
    const isRoot = userInfo().uid === 0; // PostgreSQL refuses to run as root.
    if (isRoot) chownSync(this.#data, Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout), -1);
    this.run = (program, ...args) => {
      const command = [...(isRoot ? ['runuser', '-u', 'postgres', '--'] : []), path.join(folder, program), ...args];
      const done = spawnSync(command[0], command.slice(1), { cwd: '/', encoding: 'utf8', input: program === 'postgres' ? 'create database cluster\n' : '', stdio: ['pipe', 'ignore', 'ignore'] });
      if (done.status !== 0) throw new Error(`${command.join(' ')} ended with ${done.status}: ${existsSync(this.log) ? readFileSync(this.log, 'utf8').slice(-2000) : ''}`);
    };
    this.log = path.join(this.#data, 'log');
    this.run('initdb', '-D', `${this.#data}/data`, '-U', 'cluster', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C');
    this.run('postgres', '--single', '-D', `${this.#data}/data`, 'postgres');
    this.run('pg_ctl', '-s', '-D', `${this.#data}/data`, '-w', '-l', this.log, '-o', `-p 5432 -c listen_addresses=${address} -c unix_socket_directories= -c fsync=off`, 'start');
  }

  dispose() {
    this.run('pg_ctl', '-s', '-D', `${this.#data}/data`, '-w', '-m', 'immediate', 'stop');
    rmSync(this.#data, { recursive: true, force: true });
  }
}

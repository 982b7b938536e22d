import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { freePort } from './free-port.ts';
import { eventually } from './waiting.ts';

/** The registry of Debian's package docker-registry, which nobody here wrote; undefined where it is not there. */
export function findProgram(name: string): string | undefined {
  for (const directory of [...(process.env['PATH'] ?? '').split(':'), '/usr/bin']) {
    try {
      accessSync(`${directory}/${name}`, constants.X_OK);
      return `${directory}/${name}`;
    } catch {
      continue;
    }
  }
  return undefined;
}

export interface RegistrySetUp {
  /** `user:password`, as basic authentication with a bcrypt file. */
  readonly user?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A real registry on a free port of 127.0.0.1, with its own directory. */
export class DockerRegistry {
  readonly directory: string;
  readonly host: string;
  #child: ChildProcess | undefined;

  private constructor(directory: string, host: string) {
    this.directory = directory;
    this.host = host;
  }

  static async start({ user, tls }: RegistrySetUp = {}): Promise<DockerRegistry> {
    const directory = mkdtempSync('/tmp/gantry-registry-');
    const host = `127.0.0.1:${await freePort()}`;
    const registry = new DockerRegistry(directory, host);
    mkdirSync(`${directory}/data`);
    const auth = user === undefined ? [] : ['auth:', '  htpasswd:', '    realm: basic-realm', `    path: ${directory}/htpasswd`];
    if (user !== undefined) writeFileSync(`${directory}/htpasswd`, `${bcryptLine(user)}\n`);
    const certificates = tls === undefined ? [] : ['  tls:', `    certificate: ${tls.certificate}`, `    key: ${tls.key}`];
    writeFileSync(`${directory}/config.yml`, [
      'version: 0.1', 'log:', '  level: error', 'storage:', '  filesystem:', `    rootdirectory: ${directory}/data`, '  delete:', '    enabled: true', 'http:', `  addr: ${host}`, ...certificates, ...auth, '',
    ].join('\n'));
    registry.up();
    await registry.isUp();
    return registry;
  }

  up(): void {
    this.#child = spawn(findProgram('docker-registry') ?? '', ['serve', `${this.directory}/config.yml`], { stdio: 'ignore' });
  }

  async isUp(): Promise<void> {
    await eventually('the registry listens', () => this.#answers(), (answers) => answers);
  }

  /** SIGKILL, as a machine that fails does it. */
  async crash(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.crash();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #answers(): Promise<boolean> {
    const [host = '', port = ''] = this.host.split(':');
    assert.equal(this.#child?.exitCode ?? null, null, 'the registry runs');
    return new Promise((resolve) => {
      const socket = connect(Number(port), host, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }
}

/** `user:$2y$...`: as htpasswd -B writes it, by the C library's crypt(3). */
export function bcryptLine(user: string): string {
  const [name = '', password = ''] = user.split(':');
  const hash = execFileSync('perl', ['-e', 'print crypt($ARGV[0], q($2y$05$) . ("a" x 21) . "u")', password], { encoding: 'utf8' });
  return `${name}:${hash}`;
}

/** An authority and a certificate for 127.0.0.1 that it signed. */
export function makeCertificates(directory: string): { readonly authority: string; readonly certificate: string; readonly key: string } {
  const run = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=test authority');
  run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1');
  writeFileSync(`${directory}/san`, 'subjectAltName=IP:127.0.0.1\n');
  run('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.crt', '-days', '2', '-extfile', 'san');
  return { authority: `${directory}/ca.crt`, certificate: `${directory}/server.crt`, key: `${directory}/server.key` };
}

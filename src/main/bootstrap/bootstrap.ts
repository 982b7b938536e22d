import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { GantryError } from '#base/error.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { readJsonLines } from '#cli/http/json-lines.ts';
import { bootstrapArguments, type BootstrapRequest } from './distribution.ts';

const KEPT_LINES = 12;

/** The host's apt sources as one text, comments left out. */
export async function readHostSources(): Promise<string> {
  const directory = '/etc/apt/sources.list.d';
  const names = await readdir(directory).catch(() => []);
  const texts = await Promise.all(['/etc/apt/sources.list', ...names.map((name) => `${directory}/${name}`)].map((path) => readFile(path, 'utf8').catch(() => '')));
  return texts.join('\n').split('\n').filter((line) => !line.trimStart().startsWith('#')).join('\n');
}

interface ImportMessage { readonly status?: string; readonly error?: string }

/**
 * Has mmdebstrap make a root file system, and the engine import it while it comes.
 * @returns the image's id
 * @throws GantryError internal with mmdebstrap's last words where it fails; nothing is imported then
 */
export async function bootstrapImage(client: ApiClient, request: BootstrapRequest, reference: string, tell: (line: string) => void): Promise<string> {
  // The same packages give the same image: every time in it is this one.
  const epoch = Number(/^\d{1,10}$/.exec(process.env['SOURCE_DATE_EPOCH'] ?? '')?.[0] ?? 0);
  const [repository = '', tag = 'latest'] = splitTag(reference);
  const child = spawn('mmdebstrap', bootstrapArguments(request), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', SOURCE_DATE_EPOCH: String(epoch), TMPDIR: process.env['TMPDIR'] ?? '/tmp' },
  });
  const words: string[] = [];
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new GantryError('unavailable', 'mmdebstrap can\'t be run', { hint: 'apt-get install mmdebstrap', cause })));
    child.once('close', (code) => resolve(code ?? 1));
  });
  ended.catch(() => {});
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter(Boolean)) {
      words.push(line);
      if (words.length > KEPT_LINES) words.shift();
      if (line.startsWith('I: ')) tell(line.slice(3));
    }
  });
  async function* archive(): AsyncGenerator<Uint8Array> {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const code = await ended;
    const hint = words.some((line) => line.includes('NO_PUBKEY')) ? { hint: `install the keys of the archive (${request.distribution.name === 'ubuntu' ? 'ubuntu-keyring' : 'debian-archive-keyring'}), or name a file that has them with --keyring` } : {};
    if (code !== 0) throw new GantryError('internal', `mmdebstrap failed with exit code ${code}:\n${words.join('\n')}`, { subject: request.distribution.reference, ...hint });
  }
  let id = '';
  const query = { fromSrc: '-', repo: repository, tag, message: `bootstrapped from ${request.distribution.suite}`, created: String(epoch), changes: ['CMD ["bash"]'] };
  for await (const message of readJsonLines<ImportMessage>(client.stream('POST', '/images/create', { query, stream: archive(), headers: { 'Content-Type': 'application/x-tar' } }))) {
    if (message.error !== undefined) throw new GantryError('internal', message.error);
    if (message.status?.startsWith('sha256:') === true) id = message.status;
  }
  return id;
}

export function splitTag(reference: string): [string, string] {
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/') ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference, 'latest'];
}

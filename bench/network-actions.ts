import { spawn, spawnSync, type ChildProcess } from 'node:child_process';

const PEER = new URL('network-peer.ts', import.meta.url).pathname;

/** A network namespace, by a process in it. */
export interface Namespace {
  readonly pid: number;
  readonly close: () => void;
}

export async function newNamespace(): Promise<Namespace> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo ready; exec sleep 1000000'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await firstLine(child);
  return { pid: child.pid as number, close: () => void child.kill('SIGKILL') };
}

/** Programs of the namespace's own, one after the other. Throws with what one said. */
export function inNamespace(pid: number, ...commands: readonly string[]): void {
  for (const command of commands) {
    const { status, stderr } = spawnSync('nsenter', [`--net=/proc/${pid}/ns/net`, ...command.split(' ')], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim()}`);
  }
}

/** A link between two namespaces, with the first two addresses of 10.200.NUMBER.0/24. */
export function joinNamespaces(a: number, b: number, number: number): void {
  inNamespace(a,
    `ip link add bench${number} type veth peer name peer${number} netns ${b}`, `ip addr add 10.200.${number}.1/24 dev bench${number}`, `ip link set bench${number} up`);
  inNamespace(b, `ip addr add 10.200.${number}.2/24 dev peer${number}`, `ip link set peer${number} up`);
}

/** A bridge of the first namespace with the two others as its ports, which have the first two addresses of 10.200.NUMBER.0/24. */
export function joinByBridge(host: number, a: number, b: number, number: number): void {
  inNamespace(host, `ip link add bench${number} type bridge`, `ip link set bench${number} up`);
  for (const [position, pid] of [a, b].entries()) {
    const port = `port${number}.${position}`;
    inNamespace(host, `ip link add ${port} type veth peer name peer${number} netns ${pid}`, `ip link set ${port} master bench${number} up`);
    inNamespace(pid, `ip addr add 10.200.${number}.${position + 1}/24 dev peer${number}`, `ip link set peer${number} up`);
  }
}

function start(pid: number, args: readonly string[]): ChildProcess {
  return spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '--disable-warning=ExperimentalWarning', PEER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
    child.on('close', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`)));
  });
}

/** A program that takes streams at a port, until it is closed. */
export async function takeAt(pid: number, port: number): Promise<{ readonly close: () => void }> {
  const child = start(pid, ['take', String(port)]);
  await firstLine(child);
  return { close: () => void child.kill('SIGKILL') };
}

/** Milliseconds for so many MiB in one stream. */
export async function stream(pid: number, host: string, port: number, mebibytes: number): Promise<number> {
  return Number(await firstLine(start(pid, ['stream', host, String(port), String(mebibytes)])));
}

/** Milliseconds for so many connections, each opened and closed, some at a time. */
export async function connections(pid: number, host: string, port: number, count: number, width: number): Promise<number> {
  return Number(await firstLine(start(pid, ['connect', host, String(port), String(count), String(width)])));
}

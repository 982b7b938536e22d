import { writeFileSync } from 'node:fs';
import { libc } from './libc.ts';
import { pointerVector } from './pointer-vector.ts';
import { systemError } from './system-error.ts';

export interface SpawnRequest {
  /** Absolute: PATH is not searched. */
  readonly path: string;
  /** The whole vector, with the program's name as first entry. */
  readonly argv: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** What the program has open; every other descriptor is closed. 0, 1 and 2 are /dev/null unless given. */
  readonly files?: readonly SpawnFile[];
  /** Default: that of the calling thread. */
  readonly workingDirectory?: string;
  /** Makes it the leader of a session and process group of its own. */
  readonly newSession?: boolean;
  /** `cgroup.procs` files (one for each v1 hierarchy) to move it to right after it has started. */
  readonly cgroupProcs?: readonly string[];
}

export interface SpawnFile {
  readonly fd: number;
  readonly source: number | 'null';
}

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

/** glibc: 80 and 336 bytes on 64-bit machines; the rest is room for later versions. */
const FILE_ACTIONS_BYTES = 256;
const ATTRIBUTES_BYTES = 1024;
const SIGNAL_SET_BYTES = 128;

const O_RDWR = 2;

/**
 * Starts a program and answers its pid. The caller must reap it (`waitPid`, `waitForExit`). glibc starts it with the
 * parent's memory (as vfork does), so that the cost does not grow with this process; `child_process` copies page tables.
 * Signals start with default actions and none blocked: Node ignores SIGPIPE, and children would inherit that.
 * Throws 'not-found' when there is no such program.
 */
export function posixSpawn(request: SpawnRequest): number {
  const actions = Buffer.alloc(FILE_ACTIONS_BYTES);
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  libc.posix_spawn_file_actions_init(actions);
  libc.posix_spawnattr_init(attributes);
  try {
    describeFiles(actions, request);
    describeSignals(attributes, request.newSession === true);
    const pid = Buffer.alloc(4);
    const environment = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
    const error = libc.posix_spawn(pid, request.path, actions, attributes,
      pointerVector(request.argv), pointerVector(environment));
    must('posix_spawn', error, `start ${request.path}`);
    const child = pid.readInt32LE(0);
    for (const file of request.cgroupProcs ?? []) writeFileSync(file, String(child));
    return child;
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
    libc.posix_spawnattr_destroy(attributes);
  }
}

function describeFiles(actions: Buffer, request: SpawnRequest): void {
  const files = new Map<number, number | 'null'>([[0, 'null'], [1, 'null'], [2, 'null']]);
  for (const { fd, source } of request.files ?? []) files.set(fd, source);
  const sources = [...files.values()].filter((source) => source !== 'null');
  const firstFree = Math.max(...files.keys(), ...sources) + 1;
  // Sources move above all numbers first, so that no target overwrites one that is still needed.
  const moved = new Map([...new Set(sources)].map((source, index) => [source, firstFree + index]));
  for (const [source, temporary] of moved) {
    must('posix_spawn', libc.posix_spawn_file_actions_adddup2(actions, source, temporary), 'describe files');
  }
  const highest = Math.max(...files.keys());
  for (let fd = 0; fd <= highest; fd++) describeFile(actions, fd, files.get(fd), moved);
  must('posix_spawn', libc.posix_spawn_file_actions_addclosefrom_np(actions, highest + 1), 'describe files');
  if (request.workingDirectory !== undefined) {
    const result = libc.posix_spawn_file_actions_addchdir_np(actions, request.workingDirectory);
    must('posix_spawn', result, `use ${request.workingDirectory} as working directory`);
  }
}

function describeFile(actions: Buffer, fd: number, source: number | 'null' | undefined, moved: ReadonlyMap<number, number>): void {
  const result = source === undefined ? libc.posix_spawn_file_actions_addclose(actions, fd)
    : source === 'null' ? libc.posix_spawn_file_actions_addopen(actions, fd, '/dev/null', O_RDWR, 0)
      : libc.posix_spawn_file_actions_adddup2(actions, moved.get(source) ?? source, fd);
  must('posix_spawn', result, `describe file ${fd}`);
}

function describeSignals(attributes: Buffer, newSession: boolean): void {
  // Not by sigfillset: it leaves out glibc's own 32 and 33, which glibc then sets to be ignored in the child.
  const all = Buffer.alloc(SIGNAL_SET_BYTES, 0xff);
  const none = Buffer.alloc(SIGNAL_SET_BYTES);
  must('posix_spawn', libc.posix_spawnattr_setsigdefault(attributes, all), 'reset signals');
  must('posix_spawn', libc.posix_spawnattr_setsigmask(attributes, none), 'reset the signal mask');
  const flags = SETSIGDEF | SETSIGMASK | (newSession ? SETSID : 0);
  must('posix_spawn', libc.posix_spawnattr_setflags(attributes, flags), 'set the spawn flags');
}

/** This family answers the errno itself instead of -1. */
function must(name: string, errno: number, action: string): void {
  if (errno !== 0) throw systemError(name, errno, { action });
}

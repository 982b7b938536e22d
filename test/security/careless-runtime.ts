import { spawnSync } from 'node:child_process';
import { copyFileSync, realpathSync } from 'node:fs';

/** The host's: never to be run where a container may see it. */
export const PYTHON = '/usr/bin/python3';
/**
 * What a runtime does for an exec, without its guards: joins a container, and becomes a program of the host itself there, with
 * the capabilities of the container. A descriptor may be left open in it.
 */
const PROGRAM = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pid, program, left_open = int(sys.argv[1]), sys.argv[2], sys.argv[3]
CONTAINER = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
PR_CAPBSET_DROP, NEWNS, NEWUTS, NEWIPC, NEWPID, NEWNET = 24, 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000
image = os.open(program, os.O_RDONLY)
if left_open: os.set_inheritable(os.open(left_open, os.O_RDONLY), True)
if libc.setns(os.pidfd_open(pid), NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET) != 0: sys.exit("setns: %d" % ctypes.get_errno())
child = os.fork()
if child == 0:
    for capability in range(64):
        if capability not in CONTAINER: libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.execve(image, sys.argv[4:], {})
os.waitpid(child, 0)
`;

/** Why the careless runtime can't be had here, or false. */
export const noCarelessRuntime: string | false = spawnSync(PYTHON, ['-c', 'import ctypes, os; os.pidfd_open; ctypes.CDLL(None).setns']).status === 0 ? false : 'needs Python with setns';

/**
 * Runs a program in the container of a process.
 *
 * The interpreter is in the container's process namespace for a moment, with a file that the container can open and, once
 * nobody runs it, overwrite. So it is a copy, made anew each time: the host's own must be out of reach.
 * @param place a directory for what may be overwritten
 * @param leftOpen a file or directory of the host that the program has open
 */
export function execCarelessly(place: string, pid: number, program: string, args: readonly string[], leftOpen = ''): void {
  const interpreter = `${place}/python`;
  copyFileSync(realpathSync(PYTHON), interpreter);
  const { status, stderr } = spawnSync(interpreter, ['-c', PROGRAM, String(pid), program, leftOpen, ...args], { encoding: 'utf8', env: { ...process.env, PYTHONHOME: '/usr' } });
  if (status !== 0) throw new Error(`the careless runtime ended with ${status}: ${stderr}`);
}

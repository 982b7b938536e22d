import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bindMount, unmount } from '#container/host/edge/linux/mounts.ts';
import { enterPrivateMounts } from '#container/host/edge/linux/namespaces.ts';
import { run } from '#container/host/edge/linux/run.ts';
import { compileSeccomp } from '#container/host/edge/linux/seccomp-compile.ts';
import { seccompProfile } from './profile.ts';

const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP',
  'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'].map((name) => `CAP_${name}`);
const hasLibrary = ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libseccomp.so.2`));
const skip = process.arch !== 'x64' ? 'expects x86-64' : hasLibrary ? false : 'needs libseccomp2';
const missing = ['/usr/bin/crun', '/usr/bin/python3'].find((program) => !existsSync(program));
const skipRun = process.getuid?.() !== 0 ? 'needs root' : missing === undefined ? skip : `needs ${missing}`;

const scratch = mkdtempSync(join(tmpdir(), 'gantry-seccomp-'));
const root = join(scratch, 'root');
if (skipRun === false) {
  enterPrivateMounts();
  mkdirSync(root);
  // Read-only, so that nothing here can harm the machine's own root.
  bindMount('/', root, { flags: ['ro'] });
}
after(() => {
  if (skipRun === false) unmount(root, { detach: true });
  rmSync(scratch, { recursive: true });
});

const profileFor = (foreignAbi: 'allow' | 'refuse', capabilities: readonly string[] = CAPABILITIES) =>
  seccompProfile({ architecture: 'amd64', capabilities, kernelVersion: release(), foreignAbi });

test('the filter is whole instructions, the same each time, and smaller without the 32-bit ABI', { skip }, () => {
  const both = compileSeccomp(profileFor('allow'));
  const native = compileSeccomp(profileFor('refuse'));
  assert.equal(both.length % 8, 0);
  assert.ok(native.length > 1000 && native.length < both.length, `${native.length} ${both.length}`);
  // A filter of more is refused by the kernel (BPF_MAXINSNS).
  assert.ok(both.length / 8 <= 4096);
  assert.deepEqual(compileSeccomp(profileFor('allow')), both);
  assert.notDeepEqual(compileSeccomp(profileFor('allow', ['CAP_SYS_ADMIN'])), both);
});

/** Answers errno names by probe; `Seccomp` is the mode from /proc. Runs as root in the container, with default capabilities. */
const PROBES = `
import ctypes, errno, json
libc = ctypes.CDLL(None, use_errno=True)
def probe(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(a & (2**64 - 1)) for a in args])
    return 'ok' if result >= 0 else errno.errorcode[ctypes.get_errno()]
answers = {
  'clone3': probe(435, 0, 0), 'unshare': probe(272, 0x10000000), 'keyctl': probe(250, 0, 0, 0), 'mount': probe(165, 0, 0, 0, 0, 0),
  'setns': probe(308, -1, 0), 'io_uring_setup': probe(425, 1, 0), 'bpf': probe(321, 0, 0, 0), 'userfaultfd': probe(323, 0),
  'AF_ALG': probe(41, 38, 5, 0), 'AF_VSOCK': probe(41, 40, 1, 0), 'AF_UNIX': probe(41, 1, 1, 0), 'AF_INET': probe(41, 2, 1, 0),
  'personality': probe(135, 0x0400000), 'personality query': probe(135, 0xffffffff), 'getpid': probe(39), 'clone newuser': probe(56, 0x10000011, 0, 0, 0, 0),
}
answers['Seccomp'] = [l.split()[1] for l in open('/proc/self/status') if l.startswith('Seccomp:')][0]
print(json.dumps(answers))
`;

const EXPECTED = {
  clone3: 'ENOSYS', unshare: 'EPERM', keyctl: 'EPERM', mount: 'EPERM', setns: 'EPERM', io_uring_setup: 'EPERM', bpf: 'EPERM',
  userfaultfd: 'EPERM', AF_ALG: 'EPERM', AF_VSOCK: 'EPERM', AF_UNIX: 'ok', AF_INET: 'ok', personality: 'EPERM',
  'personality query': 'ok', getpid: 'ok', 'clone newuser': 'EPERM', Seccomp: '2',
};

async function runProbes(name: string, seccomp: { readonly annotations?: object; readonly linux?: object }): Promise<unknown> {
  const bundle = join(scratch, name);
  mkdirSync(bundle);
  const sets = { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({
    ociVersion: '1.0.0', root: { path: root, readonly: true }, annotations: seccomp.annotations,
    process: { user: { uid: 0, gid: 0 }, args: ['/usr/bin/python3', '-c', PROBES], env: ['PATH=/usr/bin'], cwd: '/', capabilities: sets },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }, { destination: '/dev', type: 'tmpfs', source: 'tmpfs' }],
    linux: { ...seccomp.linux, cgroupsPath: `/gantry-test-${process.pid}-${name}`, namespaces: ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type })) },
  }));
  const { exitCode, stdout, stderr } = await run({
    path: '/usr/bin/crun', argv: ['crun', '--root', join(scratch, 'state'), 'run', '--bundle', bundle, `${process.pid}-${name}`],
    env: { PATH: '/usr/bin:/bin' }, timeoutMs: 20_000, maxOutputBytes: 1 << 20,
  });
  assert.equal(exitCode, 0, stderr.toString());
  return JSON.parse(stdout.toString());
}

test('in a container: the filter compiled here refuses what it should', { skip: skipRun }, async () => {
  const data = Buffer.from(compileSeccomp(profileFor('allow'))).toString('base64');
  assert.deepEqual(await runProbes('compiled', { annotations: { 'run.oci.seccomp_bpf_data': data } }), EXPECTED);
});

test("in a container: the profile compiled by the runtime does the same", { skip: skipRun }, async () => {
  assert.deepEqual(await runProbes('json', { linux: { seccomp: profileFor('allow') } }), EXPECTED);
});

import { closeSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Timers } from '#base/clock.ts';
import type { ContainerIo } from '../io.ts';
import type { ExecStart, StartedExec } from '../port.ts';
import { connectIo } from './conmon-io.ts';
import { goneWithin, processReferenceOf } from './found-processes.ts';
import { PROGRAM_ENV, runtimeRootOf, type HostContext } from './host-context.ts';
import { pipe, writeStream } from './linux/pipe.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit } from './linux/wait.ts';
import { processReference } from './monitor.ts';
import { startPipedExec } from './piped-exec.ts';
import { programOf, runtimeOf } from './runtime.ts';
import { SyncPipe } from './sync-pipe.ts';

const MONITOR_END_MS = 5000;
const CLEAR_AFTER_MS = 20;
const FD = { sync: 3, start: 4, attach: 5 } as const;

function execArguments(context: HostContext, start: ExecStart): string[] {
  const { directory } = start;
  return [
    'conmon', '--api-version', '1', '--exec', ...(start.attached ? ['--exec-attach'] : []), '--cid', start.container, '--cuuid', start.id,
    '--runtime', programOf(context, runtimeOf(context, start.container)), `--runtime-arg=--root=${runtimeRootOf(context)}`, '--bundle', directory, '--persist-dir', directory,
    '--exec-process-spec', `${directory}/process.json`, '--container-pidfile', `${directory}/pid`, '--conmon-pidfile', `${directory}/conmon.pid`,
    '--exit-dir', directory, '--log-path', 'none', '--full-attach', '--no-sync-log',
    ...(start.terminal ? ['--terminal'] : []), ...(start.stdin && start.attached ? ['--stdin'] : []),
  ];
}

/** Runs a further process in a container, under a monitor of its own. The streams are connected before it starts. */
export async function startExec(context: HostContext, start: ExecStart): Promise<StartedExec> {
  mkdirSync(start.directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${start.directory}/process.json`, start.processJson, { mode: 0o600 });
  if (start.attached && !start.terminal && runtimeOf(context, start.container).name === 'crun') return await withoutMonitor(context, start);
  const sync = new SyncPipe();
  const attach = new SyncPipe();
  const go = pipe();
  const starter = writeStream(go.writeEnd);
  starter.on('error', () => {});
  let io: ContainerIo | undefined;
  try {
    const pid = posixSpawn({
      path: context.monitorPath, argv: execArguments(context, start), newSession: true,
      env: { ...PROGRAM_ENV, _OCI_SYNCPIPE: String(FD.sync), _OCI_STARTPIPE: String(FD.start), _OCI_ATTACHPIPE: String(FD.attach), XDG_RUNTIME_DIR: context.run },
      files: [{ fd: FD.sync, source: sync.writeEnd }, { fd: FD.start, source: go.readEnd }, { fd: FD.attach, source: attach.writeEnd }],
    });
    sync.closeWriteEnd();
    attach.closeWriteEnd();
    closeSync(go.readEnd);
    const forked = waitForExit(pid);
    starter.write('0');
    if (start.attached) {
      await attach.next('exec');
      io = connectIo(start.directory, { stdin: start.stdin });
      starter.write('0');
    }
    const process = processReference(await sync.next('exec'));
    await forked;
    return { process, io, exitCode: finish(context.timers, start.directory, sync) };
  } catch (thrown) {
    io?.close();
    sync.close();
    rmSync(start.directory, { recursive: true, force: true });
    throw thrown;
  } finally {
    attach.close();
    starter.destroy();
  }
}

async function withoutMonitor(context: HostContext, start: ExecStart): Promise<StartedExec> {
  const clear = (): void => rmSync(start.directory, { recursive: true, force: true });
  try {
    const started = await startPipedExec(context, start);
    // Between the program's end and what the client hears of it there is enough to do.
    void started.exitCode.finally(() => setTimeout(clear, CLEAR_AFTER_MS)).catch(() => {});
    return started;
  } catch (thrown) {
    clear();
    throw thrown;
  }
}

async function finish(timers: Timers, directory: string, sync: SyncPipe): Promise<number> {
  try {
    return await sync.next('exec');
  } catch {
    // A monitor that was killed says nothing more; the pid file tells that there was a process.
    return existsSync(`${directory}/pid`) ? 137 : 126;
  } finally {
    sync.close();
    void cleanUp(timers, directory);
  }
}

/** The monitor still writes notes of its own into the directory after it has told the code. */
async function cleanUp(timers: Timers, directory: string): Promise<void> {
  const monitor = processReferenceOf(Number(readFileSync(`${directory}/conmon.pid`, { encoding: 'utf8', flag: 'a+' }) || '0'));
  if (monitor !== undefined) await goneWithin(timers, MONITOR_END_MS, monitor);
  rmSync(directory, { recursive: true, force: true });
}

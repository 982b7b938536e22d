import type { Container } from './container.ts';
import type { Happening } from './happening.ts';

const WHO: Readonly<Record<string, string>> = {
  request: 'a client of the API', 'restart policy': 'the restart policy', unhealthy: 'its health check', 'daemon start': 'the daemon, as it came up',
  'stop timeout': 'the daemon, since it had not ended in time,',
};
const SIGNALS: Readonly<Record<number, string>> = { 1: 'SIGHUP', 2: 'SIGINT', 3: 'SIGQUIT', 4: 'SIGILL', 6: 'SIGABRT', 7: 'SIGBUS', 8: 'SIGFPE', 9: 'SIGKILL', 11: 'SIGSEGV', 13: 'SIGPIPE', 15: 'SIGTERM' };
/** Exit codes above this are a shell's way, and the runtime's, to tell a signal. */
const OF_SIGNALS = 128;

export interface Reason {
  readonly atNs: string;
  readonly kind: Happening['kind'];
  /** A sentence for a person. */
  readonly text: string;
}

/** Why a container is as it is: links from its last start on, or from its creation where there was none, oldest first. */
export function whyOf({ state }: Container): readonly Reason[] {
  const chain = state.history ?? [];
  const from = beginningOf(chain);
  return chain.slice(from).map((happening) => ({ atNs: happening.atNs, kind: happening.kind, text: textOf(happening) }));
}

/** The start that a person or the daemon asked for: restarts by policy are its consequences. */
function beginningOf(chain: readonly Happening[]): number {
  const last = chain.findLastIndex((happening) => happening.kind === 'start' && happening.by !== 'restart policy');
  return last < 0 ? 0 : last;
}

export function textOf(happening: Happening): string {
  switch (happening.kind) {
    case 'created': return 'it was created';
    case 'start': return `${who(happening.by)} asked for its start`;
    case 'started': return 'it started';
    case 'start-failed': return `its start failed${happening.step === undefined ? '' : ` at the step ${happening.step}`}: ${happening.message}`;
    case 'stop': return `${who(happening.by)} asked for its end: ${happening.signal}, and SIGKILL after ${happening.timeoutSeconds} s`;
    case 'called-off': return `${who(happening.by)} called its next start off`;
    case 'kill': return `${who(happening.by)} sent it ${happening.signal}`;
    case 'ended': return endText(happening);
    case 'restart-due': return `the restart policy starts it again (attempt ${happening.attempt}) after ${happening.delayMs} ms`;
    case 'paused': return `${who(happening.by)} paused it`;
    case 'unpaused': return `${who(happening.by)} let it go on`;
    case 'health': return `its health check says ${happening.status}: exit code ${happening.exitCode}${happening.output.trim() === '' ? '' : `, ${JSON.stringify(happening.output.trim())}`}`;
    case 'recovered': return `a daemon that came up found it: ${happening.action}, because ${happening.why}`;
    case 'remove-failed': return `its removal failed: ${happening.message}`;
  }
}

function endText({ exitCode, oomKilled, ranMs, memoryLimit }: Extract<Happening, { kind: 'ended' }>): string {
  const after = `after ${(ranMs / 1000).toFixed(1)} s`;
  if (oomKilled) return `the kernel killed a process of it for memory${memoryLimit === undefined ? '' : ` (its limit is ${memoryLimit} bytes)`}, and it ended with exit code ${exitCode} ${after}`;
  if (exitCode > OF_SIGNALS) return `it ended ${after} with exit code ${exitCode}: ${SIGNALS[exitCode - OF_SIGNALS] ?? `signal ${exitCode - OF_SIGNALS}`}`;
  return `its program ended by itself ${after} with exit code ${exitCode}`;
}

function who(by: string): string {
  return Object.hasOwn(WHO, by) ? (WHO[by] ?? by) : by;
}

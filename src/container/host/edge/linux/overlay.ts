import { closeSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import { check, lastErrno, libc } from './libc.ts';
import { fsconfig, fsmount, fsopen, moveMount } from './system-call.ts';
import { systemError } from './system-error.ts';
import { mount } from './mounts.ts';

export interface OverlayRequest {
  readonly target: string;
  /** Uppermost first. */
  readonly lower: readonly string[];
  /** Absent: a read-only view of the lower ones, of which there must be two or more. */
  readonly writable?: { readonly upper: string; readonly work: string };
  /** Other options of the file system: `index=off`, `volatile`. */
  readonly extra?: readonly string[];
}

/** mount(2) copies one page and wants its last byte to be zero. */
const MAX_OPTION_BYTES = 4095;

const FSCONFIG = { flag: 0, string: 1, create: 6 } as const;
const CLOEXEC = 1;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const AT_FDCWD = -100;

/** Any number of layers: more than fit into a page of options go one by one (`lowerdir+`, Linux 6.8). */
export function mountOverlay(request: OverlayRequest): void {
  const data = overlayOptions(request);
  if (Buffer.byteLength(data) <= MAX_OPTION_BYTES) mount({ type: 'overlay', target: request.target, data });
  else mountLayerByLayer(request);
}

/** The option string for mount(2). Backslash escapes: comma ends an option, colon a layer. */
export function overlayOptions(request: OverlayRequest): string {
  return [
    `lowerdir=${request.lower.map(escapePath).join(':')}`,
    ...(request.writable === undefined ? []
      : [`upperdir=${escapePath(request.writable.upper)}`, `workdir=${escapePath(request.writable.work)}`]),
    ...(request.extra ?? []),
  ].join(',');
}

function escapePath(path: string): string {
  return path.replace(/[\\,:]/g, (character) => `\\${character}`);
}

function mountLayerByLayer(request: OverlayRequest): void {
  const subject = `mount ${request.target}`;
  const context = check('fsopen', fsopen('overlay', CLOEXEC), { action: 'open an overlay context', subject });
  try {
    for (const layer of request.lower) addLayer(context, layer, request);
    for (const [key, value] of settings(request)) {
      const command = value === null ? FSCONFIG.flag : FSCONFIG.string;
      configure(context, command, key, value, `set ${key} of the overlay at ${request.target}`);
    }
    configure(context, FSCONFIG.create, null, null, `create the overlay for ${request.target}`);
    const mounted = check('fsmount', fsmount(context, CLOEXEC, 0), { action: `make an overlay mount for ${request.target}`, subject });
    try {
      check('move_mount', moveMount(mounted, '', AT_FDCWD, request.target, MOVE_MOUNT_F_EMPTY_PATH), {
        action: `attach the overlay at ${request.target}`, subject,
      });
    } finally {
      closeSync(mounted);
    }
  } finally {
    closeSync(context);
  }
}

/** Values here are taken as they are: nothing is escaped. */
function settings(request: OverlayRequest): readonly (readonly [key: string, value: string | null])[] {
  const { writable } = request;
  return [
    ...(writable === undefined ? [] : [['upperdir', writable.upper], ['workdir', writable.work]] as const),
    ...(request.extra ?? []).map((option) => {
      const at = option.indexOf('=');
      return at < 0 ? [option, null] as const : [option.slice(0, at), option.slice(at + 1)] as const;
    }),
  ];
}

function addLayer(context: number, layer: string, request: OverlayRequest): void {
  try {
    configure(context, FSCONFIG.string, 'lowerdir+', layer, `add the layer ${layer}`);
  } catch (cause) {
    if (!messageOf(cause).includes('Unknown parameter')) throw cause;
    throw new GantryError('unimplemented', `could not mount ${request.lower.length} layers at ${request.target}: `
      + 'their paths exceed one page, and this kernel cannot take them one by one', {
      subject: `mount ${request.target}`, hint: 'Use Linux 6.8 or later, or a shorter path for the state directory.', cause,
    });
  }
}

function configure(context: number, command: number, key: string | null, value: string | null, action: string): void {
  if (fsconfig(context, command, key, value, 0) === -1n) {
    const errno = lastErrno();
    throw systemError('fsconfig', errno, { action }, contextLog(context));
  }
}

/** The kernel's explanations wait in the context, a message for each read, each with a letter for its severity. */
function contextLog(context: number): string {
  const buffer = Buffer.alloc(1024);
  const messages: string[] = [];
  for (let length = libc.read(context, buffer, 1024n); length > 0n; length = libc.read(context, buffer, 1024n)) {
    messages.push(buffer.toString('utf8', 0, Number(length)).trim());
  }
  return messages.join('; ');
}

/** Where a field stands in a text. */
export interface FieldPlace {
  /** `spec.containers[0].name` */
  readonly path: string;
  readonly at: number;
}

interface Frame {
  /** Of an object; undefined in a list. */
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

/** A client that repeats itself a million times is told of the first so many. */
const MOST = 100;

/** The fields that a JSON text has twice, in its order. @param text that JSON.parse takes */
export function duplicateFields(text: string): readonly FieldPlace[] {
  const found: FieldPlace[] = [];
  walk(text, (key, frame, frames, at) => {
    if (frame.keys?.has(key) === true && found.length < MOST) found.push({ path: pathOf(frames, key), at });
    frame.keys?.add(key);
  });
  return found;
}

/** Where each of these fields stands first. */
export function placesOf(text: string, paths: ReadonlySet<string>): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  walk(text, (key, _frame, frames, at) => {
    const path = pathOf(frames, key);
    if (paths.has(path) && !places.has(path)) places.set(path, at);
  });
  return places;
}

/** Visits every key of every object. */
function walk(text: string, visit: (key: string, frame: Frame, frames: readonly Frame[], at: number) => void): void {
  const frames: Frame[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const frame = frames.at(-1);
    switch (code) {
      case 0x22: {
        const end = endOfText(text, at);
        if (isKey && frame !== undefined) {
          const raw = text.slice(at + 1, end);
          const key = raw.includes('\\') ? JSON.parse(text.slice(at, end + 1)) as string : raw;
          visit(key, frame, frames, at);
          frame.key = key;
          isKey = false;
        }
        at = end;
        break;
      }
      case 0x7b: frames.push({ keys: new Set(), key: '', index: 0 }); isKey = true; break;
      case 0x5b: frames.push({ keys: undefined, key: '', index: 0 }); isKey = false; break;
      case 0x7d: case 0x5d: frames.pop(); isKey = false; break;
      case 0x2c:
        if (frame !== undefined) frame.index += 1;
        isKey = frame?.keys !== undefined;
        break;
    }
  }
}

function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x22) return at;
  }
  return text.length;
}

function pathOf(frames: readonly Frame[], key: string): string {
  const outer = frames.slice(0, -1).map((frame, depth) => (frame.keys === undefined ? `[${frame.index}]` : `${depth === 0 ? '' : '.'}${frame.key}`)).join('');
  return `${outer}${outer === '' ? '' : '.'}${key}`;
}

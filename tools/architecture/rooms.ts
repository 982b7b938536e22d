/**
 * The wings and rooms of src/, top to bottom. A room stands on the wings above its own, less those that its
 * wing does not see, and on the rooms above it in its own wing. docs/ARCHITECTURE.md says why.
 */
interface Wing {
  readonly name: string;
  readonly rooms: readonly string[];
  /** Wings above that it does see; all of them when absent. */
  readonly sees?: readonly string[];
}

const wings: readonly Wing[] = [
  { name: 'base', rooms: [] },
  { name: 'store', rooms: [] },
  { name: 'net', rooms: [] },
  { name: 'image', rooms: ['oci', 'blob', 'snapshot', 'archive', 'registry'] },
  { name: 'container', rooms: ['model', 'host', 'engine'] },
  { name: 'build', rooms: ['dockerfile', 'wire', 'solver'] },
  { name: 'docker', rooms: [] },
  // Compose and the command line are Docker clients: they speak the wire, so they know nothing of the engine.
  { name: 'compose', rooms: [], sees: ['base'] },
  {
    name: 'cluster',
    rooms: ['kinds', 'api', 'loop', 'controllers', 'scheduler', 'agent', 'fleet'],
    sees: ['base', 'store', 'net', 'image'],
  },
  { name: 'cli', rooms: [], sees: ['base'] },
  { name: 'main', rooms: [] },
];

/** Single doors through a wall: `from` is a room, `to` a prefix of a path below src/. */
const doors: readonly { from: string; to: string; why: string }[] = [
  { from: 'cluster/agent', to: 'container/model/', why: 'a Pod is lowered to the model' },
  { from: 'cluster/agent', to: 'container/engine/port.ts', why: 'the agent drives the engine by its port' },
];

/** The room of a path like `src/image/oci/tar.ts`: `image/oci`. Files of a wing outside its rooms belong to the wing. */
export function roomOf(path: string): string | undefined {
  const [top, wingName, second, third] = path.split('/');
  const wing = top === 'src' ? wings.find(({ name }) => name === wingName) : undefined;
  if (wing === undefined || second === undefined) return undefined;
  return third !== undefined && wing.rooms.includes(second) ? `${wing.name}/${second}` : wing.name;
}

/** Nothing when the path has its place, else what to do about it. */
export function misplaced(path: string): string | undefined {
  const [top, wingName, second, third] = path.split('/');
  if (top !== 'src') return undefined;
  const wing = wings.find(({ name }) => name === wingName);
  if (wing === undefined) return `src/${wingName} is no wing: move the file, or add the wing to tools/architecture/rooms.ts and docs/ARCHITECTURE.md`;
  const inFolder = third !== undefined && second !== 'edge';
  if (wing.rooms.length === 0 || !inFolder || wing.rooms.includes(second as string)) return undefined;
  return `${wingName}/${second} is no room: move the file, or add the room to tools/architecture/rooms.ts and docs/ARCHITECTURE.md`;
}

/** Nothing when `from` may import `to` (both below src/), else the reason why it may not. */
export function wall(from: string, to: string): string | undefined {
  const here = roomOf(from);
  const there = roomOf(to);
  if (here === undefined || there === undefined || here === there) return undefined;
  const hereWing = wingIndex(here);
  const thereWing = wingIndex(there);
  if (hereWing === thereWing) return wallInside(wings[hereWing] as Wing, here, there);
  if (doors.some((door) => door.from === here && to.startsWith(`src/${door.to}`))) return undefined;
  const wing = wings[hereWing] as Wing;
  const other = (wings[thereWing] as Wing).name;
  if (wing.name === 'main') return undefined;
  if (thereWing > hereWing) return `${wing.name}/ stands below ${other}/ and cannot see it`;
  if (wing.sees !== undefined && !wing.sees.includes(other)) return `${here}/ sees of the other wings only ${wing.sees.join(', ')}${doorsOf(here)}`;
  return undefined;
}

function wallInside(wing: Wing, here: string, there: string): string | undefined {
  const rank = (room: string): number => room === wing.name ? wing.rooms.length : wing.rooms.indexOf(room.slice(wing.name.length + 1));
  return rank(there) < rank(here) ? undefined : `${there}/ stands on ${here}/, not the other way round`;
}

function wingIndex(room: string): number {
  const name = room.split('/')[0];
  return wings.findIndex((wing) => wing.name === name);
}

function doorsOf(room: string): string {
  const mine = doors.filter(({ from }) => from === room);
  return mine.length === 0 ? '' : `, and ${mine.map(({ to }) => to).join(', ')}`;
}

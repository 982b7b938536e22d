import type { Difference } from '../differential/compare.ts';
import { flatten, normaliseText, type Flat } from '../differential/normalise.ts';
import type { Exchanged } from './check-exchange.ts';
import type { Played } from './play.ts';

/** Headers that say the same on both engines. */
const HEADERS = ['content-type', 'api-version', 'ostype', 'docker-experimental', 'x-docker-container-path-stat', 'builder-version', 'swarm', 'cache-control', 'pragma', 'upgrade'];

/** Lists that show what others have on the engine as well. */
const SHARED_LIST = /^GET \/(containers\/json|images\/json|networks|volumes|system\/df)(\?|$)/;
/** What every thing of the script has in its name. */
const OWN = 'NAME';

/**
 * Where the answers of two engines to one script differ. Both lists are in the script's order.
 */
export function compareExchanges(theirs: Played, ours: Played): Difference[] {
  return theirs.exchanges.flatMap((exchanged, index) => {
    const left = plainOf(exchanged, theirs);
    const other = ours.exchanges[index];
    if (other === undefined) return [{ command: left.title, place: 'answer', theirs: String(left.status), ours: undefined }];
    return compareTwo(left, plainOf(other, ours));
  });
}

/** An answer in which only what matters can differ. */
interface Plain {
  readonly title: string;
  readonly status: number;
  readonly headers: Exchanged['headers'];
  readonly text: string;
}

function plainOf({ method, target, status, headers, body }: Exchanged, { scene: { prefix, port } }: Played): Plain {
  const plain = (text: string): string => normaliseText(text.replaceAll(prefix, OWN).replaceAll(String(port), '1').replaceAll(/\b(since|until)=\d+/g, '$1=1')).trim();
  return { title: plain(`${method} ${decodeURIComponent(target.replace('/v1.51', ''))}`), status, headers, text: plain(new TextDecoder().decode(body)) };
}

function compareTwo(theirs: Plain, ours: Plain): Difference[] {
  const command = theirs.title;
  const found: Difference[] = [];
  const differ = (place: string, left: string | undefined, right: string | undefined): void => void (left !== right && found.push({ command, place, theirs: left, ours: right }));
  differ('status', String(theirs.status), String(ours.status));
  if (theirs.status !== ours.status) {
    if (theirs.status >= 400 || ours.status >= 400) differ('body', theirs.text.slice(0, 300), ours.text.slice(0, 300));
    return found;
  }
  for (const name of HEADERS) differ(`header ${name}`, headerOf(theirs, name), headerOf(ours, name));
  if (theirs.headers['content-type']?.startsWith('application/json') !== true) return found;
  const [left, right] = [fieldsOf(theirs), fieldsOf(ours)];
  for (const path of new Set([...left.keys(), ...right.keys()])) differ(path, left.get(path), right.get(path));
  return found;
}

function headerOf({ headers }: Plain, name: string): string | undefined {
  const value = headers[name];
  return name === 'x-docker-container-path-stat' && value !== undefined ? normaliseText(Buffer.from(value, 'base64').toString()) : value;
}

/** The fields of the JSON; of a stream, those of its first value. */
function fieldsOf({ title, text }: Plain): Flat {
  for (const candidate of [text, text.split('\n')[0] ?? '']) {
    try {
      const value: unknown = JSON.parse(candidate);
      return flatten(SHARED_LIST.test(title) ? ownOf(value) : value);
    } catch {
      continue;
    }
  }
  return new Map([['', text]]);
}

/** Of networks and volumes neither engine promises an order: by name. */
function ownOf(value: unknown): unknown {
  const nameOf = (item: unknown): string => (typeof item === 'object' && item !== null && 'Name' in item ? String(item.Name) : '');
  if (Array.isArray(value)) return value.filter((item) => typeof item !== 'object' || JSON.stringify(item).includes(OWN)).sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : nameOf(left) > nameOf(right) ? 1 : 0));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, Array.isArray(field) ? ownOf(field) : field]));
}

import { GantryError, unreachable } from '#base/error.ts';
import { formatCidr, parseCidr } from '../cidr.ts';
import { formatIp, tryParseIp, type Family } from '../ip.ts';
import { PROTOCOL_NUMBERS, type ChainLayout, type FieldType, type SetLayout, type TableElement, type TableLayout } from './table-layout.ts';

const NFT_TYPES: Readonly<Record<FieldType, string>> = {
  mark: 'mark', ifname: 'ifname', ipv4: 'ipv4_addr', ipv6: 'ipv6_addr', protocol: 'inet_proto', port: 'inet_service', class: 'classid', verdict: 'verdict',
};
/** A command per this many elements: one line of a hundred thousand is slow to read for nft and for people. */
const ELEMENTS_PER_COMMAND = 500;

/** The table as it is to be, in the same transaction in which the old one goes. */
export function renderReplacement(table: string, layout: TableLayout, elements: readonly TableElement[]): string {
  return `${renderRemoval(table)}${renderLayout(table, layout)}${renderElements('add', table, layout.sets, elements)}`;
}

/** Takes the table away, for a daemon that is uninstalled. No error when there is none: the first line makes the second valid. */
export function renderRemoval(table: string): string {
  checkTableName(table);
  return `add table inet ${table}\ndelete table inet ${table}\n`;
}

export function checkTableName(table: string): void {
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(table)) throw new GantryError('invalid', `${JSON.stringify(table)} can't be the name of a table: use lower-case letters, digits and _`);
}

/** Further chains of a table that is there. */
export function renderChains(table: string, chains: readonly ChainLayout[]): string {
  return chains.length === 0 ? '' : `table inet ${table} {\n${chains.map(renderChain).join('')}}\n`;
}

/** Further sets of a table that is there. */
export function renderSets(table: string, sets: TableLayout['sets']): string {
  const all = Object.entries(sets);
  return all.length === 0 ? '' : `table inet ${table} {\n${all.map(([name, set]) => renderSet(name, set)).join('')}}\n`;
}

function renderLayout(table: string, { sets, chains }: TableLayout): string {
  return `table inet ${table} {\n${Object.entries(sets).map(([name, set]) => renderSet(name, set)).join('')}${chains.map(renderChain).join('')}}\n`;
}

function renderSet(name: string, { key, data, interval, filledByRules }: SetLayout): string {
  const types = [key, ...(data === undefined ? [] : [data])].map((fields) => fields.map((field) => NFT_TYPES[field]).join(' . ')).join(' : ');
  const flags = interval === true ? ' flags interval;' : filledByRules === undefined ? '' : ` flags dynamic,timeout; size ${filledByRules};`;
  return `  ${data === undefined ? 'set' : 'map'} ${name} { type ${types};${flags} }\n`;
}

function renderChain({ name, hook, rules }: ChainLayout): string {
  return `  chain ${name} {\n${[...(hook === undefined ? [] : [hook]), ...rules].map((line) => `    ${line}\n`).join('')}  }\n`;
}

export function renderElements(verb: 'add' | 'delete', table: string, sets: TableLayout['sets'], elements: readonly TableElement[]): string {
  let text = '';
  for (const [set, members] of Map.groupBy(elements, (element) => element.set)) {
    const layout = sets[set];
    if (layout === undefined) throw new GantryError('internal', `there is no set ${set}`);
    for (let first = 0; first < members.length; first += ELEMENTS_PER_COMMAND) {
      const chunk = members.slice(first, first + ELEMENTS_PER_COMMAND).map((element) => renderElement(layout, element, verb));
      text += `${verb} element inet ${table} ${set} { ${chunk.join(', ')} }\n`;
    }
  }
  return text;
}

function renderElement(layout: SetLayout, { set, key, data }: TableElement, verb: 'add' | 'delete'): string {
  const side = (types: readonly FieldType[], fields: readonly string[]): string => {
    if (types.length !== fields.length) throw new GantryError('internal', `an element of ${set} has ${fields.length} fields instead of ${types.length}`);
    return fields.map((field, index) => renderField(types[index]!, field, layout.interval === true)).join(' . ');
  };
  const keyText = side(layout.key, key);
  if ((layout.data === undefined) !== (data === undefined)) throw new GantryError('internal', `an element of ${set} has ${data === undefined ? 'no' : 'a'} value`);
  return layout.data === undefined || verb === 'delete' ? keyText : `${keyText} : ${side(layout.data, data!)}`;
}

function renderField(type: FieldType, text: string, interval: boolean): string {
  const refuse = (): never => {
    throw new GantryError('invalid', `${JSON.stringify(text)} can't be written into the firewall as ${NFT_TYPES[type]}`);
  };
  switch (type) {
    case 'mark':
      return /^[1-9]\d{0,5}$/.test(text) ? text : refuse();
    case 'ifname':
      // The kernel takes 15 bytes. A leading letter or digit and no wildcard keep it a plain name.
      return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(text) ? `"${text}"` : refuse();
    case 'ipv4':
      return address(4, text, interval) ?? refuse();
    case 'ipv6':
      return address(6, text, interval) ?? refuse();
    case 'protocol':
      return Object.hasOwn(PROTOCOL_NUMBERS, text) ? String(PROTOCOL_NUMBERS[text]) : refuse();
    case 'port':
      return (interval ? /^[1-9]\d{0,4}(?:-[1-9]\d{0,4})?$/ : /^[1-9]\d{0,4}$/).test(text) ? text : refuse();
    case 'class':
      return /^[0-9a-f]{1,4}:[0-9a-f]{1,4}$/.test(text) ? text : refuse();
    case 'verdict':
      return /^[a-z][a-z0-9_]{0,63}$/.test(text) ? `goto ${text}` : refuse();
    default:
      unreachable(type);
  }
}

/** As it is printed: most are, and a hundred thousand need not be parsed. */
const PLAIN4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The text that it is parsed and printed to, which has digits, letters, dots, colons and a slash at most. */
function address(family: Family, text: string, interval: boolean): string | undefined {
  if (family === 4 && PLAIN4.test(text)) return text;
  if (interval && text.includes('/')) {
    const cidr = parseCidr(text);
    return cidr.family === family ? formatCidr(cidr) : undefined;
  }
  const ip = tryParseIp(text);
  return ip?.family === family ? formatIp(ip) : undefined;
}

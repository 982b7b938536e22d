import { GantryError, unreachable } from '#base/error.ts';
import { formatCidr, parseCidr } from '../cidr.ts';
import { formatIp, tryParseIp, type Family } from '../ip.ts';
import type { Element } from './elements.ts';
import { CHAINS, layoutOf, PROTOCOL_NUMBERS, SET_NAMES, type FieldType, type SetName } from './layout.ts';
import type { FirewallPlan } from './plan.ts';

const NFT_TYPES: Readonly<Record<FieldType, string>> = {
  mark: 'mark', ifname: 'ifname', ipv4: 'ipv4_addr', ipv6: 'ipv6_addr', protocol: 'inet_proto', port: 'inet_service',
};
/** A command per this many elements: one line of a hundred thousand is slow to read for nft and for people. */
const ELEMENTS_PER_COMMAND = 500;

/**
 * Commands for `nft -f -` or libnftables, to be run as one transaction; '' when there is nothing to do.
 * Each field is checked against its type, so that no name or address can become syntax.
 */
export function renderPlan(table: string, plan: FirewallPlan): string {
  checkTableName(table);
  switch (plan.kind) {
    case 'nothing':
      return '';
    case 'replace':
      // The first line makes the second valid when there was no table.
      return `add table inet ${table}\ndelete table inet ${table}\n${renderLayout(table)}${renderElements('add', table, plan.elements)}`;
    case 'change':
      return renderElements('delete', table, plan.remove) + renderElements('add', table, plan.add);
    default:
      unreachable(plan);
  }
}

/** Takes the table away, for a daemon that is uninstalled. No error when there is none. */
export function renderRemoval(table: string): string {
  checkTableName(table);
  return `add table inet ${table}\ndelete table inet ${table}\n`;
}

function checkTableName(table: string): void {
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(table)) throw new GantryError('invalid', `${JSON.stringify(table)} can't be the name of a table: use lower-case letters, digits and _`);
}

function renderLayout(table: string): string {
  const sets = SET_NAMES.map((name) => {
    const { key, data, interval } = layoutOf(name);
    const types = [key, ...(data === undefined ? [] : [data])].map((fields) => fields.map((field) => NFT_TYPES[field]).join(' . ')).join(' : ');
    return `  ${data === undefined ? 'set' : 'map'} ${name} { type ${types};${interval === true ? ' flags interval;' : ''} }\n`;
  });
  const chains = CHAINS.map(({ name, hook, rules }) => `  chain ${name} {\n${[...(hook === undefined ? [] : [hook]), ...rules].map((line) => `    ${line}\n`).join('')}  }\n`);
  return `table inet ${table} {\n${sets.join('')}${chains.join('')}}\n`;
}

function renderElements(verb: 'add' | 'delete', table: string, elements: readonly Element[]): string {
  let text = '';
  for (const [set, members] of Map.groupBy(elements, (element) => element.set)) {
    for (let first = 0; first < members.length; first += ELEMENTS_PER_COMMAND) {
      const chunk = members.slice(first, first + ELEMENTS_PER_COMMAND).map((element) => renderElement(set, element, verb));
      text += `${verb} element inet ${table} ${set} { ${chunk.join(', ')} }\n`;
    }
  }
  return text;
}

function renderElement(set: SetName, { key, data }: Element, verb: 'add' | 'delete'): string {
  const layout = layoutOf(set);
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
    default:
      unreachable(type);
  }
}

/** The text that it is parsed and printed to, which has digits, letters, dots, colons and a slash at most. */
function address(family: Family, text: string, interval: boolean): string | undefined {
  if (interval && text.includes('/')) {
    const cidr = parseCidr(text);
    return cidr.family === family ? formatCidr(cidr) : undefined;
  }
  const ip = tryParseIp(text);
  return ip?.family === family ? formatIp(ip) : undefined;
}

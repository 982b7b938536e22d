import { invalid } from './invalid.ts';
import { isAddress } from './ip-address.ts';

/** `name:address` or `name=address`; the address may stand in brackets, or be `host-gateway`. */
export function parseExtraHost(entry: string): { readonly name: string; readonly address: string } {
  const equals = entry.indexOf('=');
  const at = equals > 0 ? equals : entry.indexOf(':');
  if (at <= 0) throw invalid(`bad format for add-host: "${entry}"`);
  const given = entry.slice(at + 1);
  const address = /^\[.*\]$/.test(given) ? given.slice(1, -1) : given;
  if (address !== 'host-gateway' && !isAddress(address)) throw invalid(`invalid IP address in add-host: "${given}"`);
  return { name: entry.slice(0, at), address };
}

import { GantryError } from '#base/error.ts';
import type { Network } from '#container/model/network.ts';
import type { Filters } from '../filters.ts';

const isBuiltIn = ({ name }: Network): boolean => name === 'bridge' || name === 'host' || name === 'none';

export function listNetworks(networks: readonly Network[], filters: Filters, isUsed: (network: Network) => boolean): Network[] {
  filters.accept('dangling', 'driver', 'id', 'label', 'name', 'scope', 'type');
  for (const type of filters.values('type')) {
    if (type !== 'builtin' && type !== 'custom') throw new GantryError('invalid', `invalid filter: 'type'='${type}'`);
  }
  if (filters.values('dangling').some((value) => !['0', '1', 'false', 'true'].includes(value))) {
    throw new GantryError('invalid', `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
  }
  const dangling = filters.values('dangling')[0];
  const wantsDangling = dangling === 'true' || dangling === '1';
  return networks.filter((network) =>
    filters.matchesExactly('driver', network.driver)
    && filters.matches('name', network.name)
    && filters.matches('id', network.id)
    && filters.matchesLabels('label', network.labels)
    && filters.matchesExactly('scope', 'local')
    && filters.matchesExactly('type', isBuiltIn(network) ? 'builtin' : 'custom')
    && (dangling === undefined || wantsDangling === (!isBuiltIn(network) && !isUsed(network))));
}

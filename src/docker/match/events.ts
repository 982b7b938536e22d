import type { EngineEvent } from '#container/model/event.ts';
import { familiarName, repositoryOf } from '../familiar-name.ts';
import type { Filters } from '../filters.ts';

/** Actions that carry a detail after a colon: asked for without it, any detail will do. */
const DETAILED = ['health_status', 'exec_create', 'exec_start'];
const NAMED = ['daemon', 'container', 'plugin', 'volume', 'network', 'service', 'node', 'secret', 'config'];

/** A container's events also belong to its image, with or without the tag. */
function matchesImage(filters: Filters, { type, id, attributes }: EngineEvent): boolean {
  const name = (type === 'image' ? attributes['name'] : attributes['image']) ?? '';
  const bare = (reference: string): string => familiarName(repositoryOf(reference));
  return [id, name, bare(id), bare(name)].some((candidate) => filters.matchesExactly('image', candidate));
}

/** Whether an event is one of those asked for. Unknown keys are let pass, as Docker does. */
export function matchesEvent(filters: Filters, event: EngineEvent): boolean {
  if (filters.isEmpty) return true;
  const isDetailed = filters.values('event').some((value) => DETAILED.includes(value));
  const isAction = isDetailed ? filters.matchesBeginning('event', event.action) : filters.matchesExactly('event', event.action);
  return isAction
    && filters.matchesExactly('type', event.type)
    && filters.matchesExactly('scope', 'local')
    && NAMED.every((kind) => filters.matchesBeginning(kind, event.id) || filters.matchesBeginning(kind, event.attributes['name'] ?? ''))
    && matchesImage(filters, event)
    && filters.matchesLabels('label', event.attributes);
}

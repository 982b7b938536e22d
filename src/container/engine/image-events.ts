import type { ImageId } from '#container/model/ids.ts';
import type { EventLog } from './event-log.ts';
import type { ImageTable } from './image-table.ts';

/** Events of an image that is there carry the labels of its config, as Docker's do. */
export function emitImage(events: EventLog, table: ImageTable, action: string, id: ImageId, name: string): void {
  events.emit('image', action, id, { ...labelsOf(table.get(id)?.configJson), name });
}

function labelsOf(configJson: string | undefined): Readonly<Record<string, string>> {
  if (configJson === undefined) return {};
  const { config } = JSON.parse(configJson) as { readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null };
  return config?.Labels ?? {};
}

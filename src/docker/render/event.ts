import type { EngineEvent } from '#container/model/event.ts';

const NS_PER_S = 1_000_000_000n;

/** One line of `GET /events`. Nanoseconds don't fit a double, so that number is put in as text. */
export function renderEvent(event: EngineEvent): string {
  const { type, action, id, attributes, timeNs } = event;
  const image = attributes['image'];
  const isLegacy = type === 'container' || type === 'image';
  const body = {
    ...(isLegacy ? { status: action, ...(id === '' ? {} : { id }), ...(type === 'container' && image !== undefined ? { from: image } : {}) } : {}),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(timeNs / NS_PER_S),
  };
  return `${JSON.stringify(body).slice(0, -1)},"timeNano":${timeNs}}\n`;
}

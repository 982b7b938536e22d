import { formatTimeNs } from '#base/clock.ts';
import { renderState } from '../../render/container-state.ts';
import type { Exchange } from '../exchange.ts';

/** `GET /containers/{id}/why`, an extension: the chain of causes of a container's present state, oldest first. */
export function why(exchange: Exchange): void {
  const { containers } = exchange.engine;
  const container = containers.find(exchange.name);
  const { Status, ExitCode, OOMKilled, Error } = renderState(container);
  exchange.json(200, {
    Id: container.spec.id,
    Name: `/${container.spec.name}`,
    State: { Status, ExitCode, OOMKilled, Error },
    Because: containers.why(container.spec.id).map(({ atNs, kind, text }) => ({ Time: formatTimeNs(BigInt(atNs)), Kind: kind, Text: text })),
  });
}

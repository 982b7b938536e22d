import { GantryError } from '#base/error.ts';
import type { Handler } from '../exchange.ts';

/** An operation that isn't there: the client learns which, and what to do instead. */
export function notYet(what: string, hint?: string): Handler {
  return () => {
    throw new GantryError('unimplemented', `${what} is not implemented yet`, hint === undefined ? {} : { hint });
  };
}

/** Docker's words: clients look for them to learn that there is no swarm. */
export const noSwarm: Handler = () => {
  throw new GantryError('unavailable', 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.');
};

export const notInSwarm: Handler = () => {
  throw new GantryError('unavailable', 'This node is not part of a swarm');
};

/** Only a volume of a swarm's cluster can be changed. */
export const noClusterVolume: Handler = () => {
  throw new GantryError('unavailable', 'volume update only valid for cluster volumes, but swarm is unavailable');
};

/** There are no managed plugins, so each is missed: `docker inspect` asks for one where nothing else has the name. */
export const noPlugin: Handler = ({ name }) => {
  throw new GantryError('not-found', `plugin "${name}" not found`);
};

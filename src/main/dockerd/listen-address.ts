import { GantryError } from '#base/error.ts';

export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  /** An empty address is every address of the host. */
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number };

/** The port for TLS that IANA gave to Docker. */
const TLS_PORT = 2376;

function refuse(host: string, hint: string): GantryError {
  return new GantryError('invalid', `can't listen on ${host}`, { hint });
}

/** `unix:///path`, `unix://` for Docker's usual place, `tcp://address:port`. @throws GantryError invalid for any other */
export function parseListenAddress(host: string): ListenAddress {
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(host) ?? [];
  switch (scheme) {
    case 'unix': {
      const path = rest === '' ? '/var/run/docker.sock' : rest;
      if (!path.startsWith('/')) throw refuse(host, 'give the socket as unix:///PATH');
      return { kind: 'unix', path };
    }
    case '':
    case 'tcp': {
      const match = /^(?:\[([0-9a-f:.]+)\]|([^:/[\]]*))(?::(\d{1,5}))?\/?$/i.exec(rest);
      if (match === null || rest === '' && scheme === '') throw refuse(host, 'give tcp://ADDRESS:PORT');
      const [, v6, name = '', port] = match;
      const number = port === undefined ? TLS_PORT : Number(port);
      if (number > 65_535) throw refuse(host, 'ports go up to 65535');
      return { kind: 'tcp', address: v6 ?? name, port: number };
    }
    case 'fd': throw refuse(host, 'sockets of systemd are not taken over: give unix:///var/run/docker.sock, and take the -H fd:// out of the unit');
    case 'ssh': throw refuse(host, 'ssh:// is for clients: they log in to the host and use the unix socket');
    default: throw refuse(host, 'unix:// and tcp:// are known');
  }
}

export function printListenAddress(place: ListenAddress): string {
  if (place.kind === 'unix') return `unix://${place.path}`;
  return `tcp://${place.address.includes(':') ? `[${place.address}]` : place.address}:${place.port}`;
}

/** A port of a container as the Docker API lists it. */
export interface ListedPort {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

interface Run {
  readonly key: string;
  readonly first: number;
  last: number;
}

/** `0.0.0.0:8080->80/tcp, 443/tcp`: neighbours that keep their number are joined, `8000-8002/tcp`. */
export function displayPorts(ports: readonly ListedPort[]): string {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  const moved: string[] = [];
  const closed: string[] = [];
  for (const port of ports.toSorted(comparePorts)) {
    const ip = port.IP ?? '';
    if (ip !== '' && port.PublicPort !== port.PrivatePort) {
      moved.push(`${joinHostPort(ip, String(port.PublicPort ?? 0))}->${port.PrivatePort}/${port.Type}`);
      continue;
    }
    const key = ip === '' ? port.Type : `${ip}/${port.Type}`;
    const run = open.get(key);
    if (run !== undefined && run.last + 1 === port.PrivatePort) {
      run.last = port.PrivatePort;
      continue;
    }
    const fresh = { key, first: port.PrivatePort, last: port.PrivatePort };
    if (run === undefined) runs.push(fresh);
    else {
      closed.push(showRun(run));
      runs[runs.indexOf(run)] = fresh;
    }
    open.set(key, fresh);
  }
  return [...closed, ...runs.map(showRun), ...moved].join(', ');
}

function showRun({ key, first, last }: Run): string {
  const slash = key.lastIndexOf('/');
  const numbers = first === last ? String(first) : `${first}-${last}`;
  const type = key.slice(slash + 1);
  return slash === -1 ? `${numbers}/${type}` : `${joinHostPort(key.slice(0, slash), numbers)}->${numbers}/${type}`;
}

/** An IPv6 address stands in brackets before a port. */
export function joinHostPort(host: string, port: string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function comparePorts(a: ListedPort, b: ListedPort): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    compareText(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    compareText(a.Type, b.Type)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

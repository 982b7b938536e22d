import { execFileSync } from 'node:child_process';
import { GantryError, messageOf } from '#base/error.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { bootstrapImage, readHostSources } from '../bootstrap/bootstrap.ts';
import { parseDistribution } from '../bootstrap/distribution.ts';
import { DemoApi } from './demo-api.ts';
import { MARK, PAGE } from './page.ts';

export const DEMO = { container: 'demo', base: 'debian:12', server: 'gantry-demo/nginx:latest', site: 'gantry-demo/site:latest' } as const;

const FIRST_PORT = 8080;
const LAST_PORT = 8179;
const PAGE_WAIT_MS = 10_000;
const INSTALL = [
  'apt-get -q update',
  'apt-get -q install -y --no-install-recommends nginx-light',
  'rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin',
  // The container's log is where people look.
  'ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log',
].join(' && ');

export type Tell = (line: string) => void;

/** Image by image where it is missing, then the container. Answers the address that serves the page. */
export async function runDemo(client: ApiClient, tell: Tell): Promise<string> {
  const api = new DemoApi(client);
  await buildImages(client, api, tell);
  const port = await runSite(api, tell);
  const address = `http://127.0.0.1:${port}/`;
  await fetchPage(address);
  return address;
}

async function buildImages(client: ApiClient, api: DemoApi, tell: Tell): Promise<void> {
  if (await api.hasImage(DEMO.site)) return;
  if (!await api.hasImage(DEMO.server)) {
    if (!await api.hasImage(DEMO.base)) {
      tell(`making the base image ${DEMO.base} from the distribution's packages`);
      const distribution = parseDistribution(DEMO.base);
      await bootstrapImage(client, { distribution, variant: 'minbase', include: [], hostSources: await readHostSources() }, DEMO.base, (line) => tell(`  ${line}`));
    }
    tell('installing nginx: a layer on the base image');
    await api.layer({ from: DEMO.base, to: DEMO.server, command: INSTALL, environment: ['DEBIAN_FRONTEND=noninteractive', ...proxies()], network: 'host', changes: [] });
  }
  tell('putting a page on top: another layer');
  await api.layer({
    from: DEMO.server, to: DEMO.site, command: 'printf %s "$PAGE" > /var/www/html/index.html', environment: [`PAGE=${PAGE}`], network: 'none',
    changes: ['CMD ["nginx","-g","daemon off;"]', 'EXPOSE 80/tcp', 'STOPSIGNAL SIGQUIT'],
  });
}

/** A host that reaches its packages through a proxy reaches them through it from a container too. */
function proxies(): string[] {
  const configured = (name: string): string => {
    try {
      return /"(.*)"/.exec(execFileSync('apt-config', ['dump', '--format', '%v%n', name], { encoding: 'utf8' }).replace(/^(.*)\n[^]*$/, '"$1"'))?.[1] ?? '';
    } catch {
      return '';
    }
  };
  const http = process.env['http_proxy'] ?? configured('Acquire::http::Proxy');
  const https = process.env['https_proxy'] ?? configured('Acquire::https::Proxy');
  return [...(http === '' || http === 'DIRECT' ? [] : [`http_proxy=${http}`]), ...(https === '' || https === 'DIRECT' ? [] : [`https_proxy=${https}`])];
}

async function runSite(api: DemoApi, tell: Tell): Promise<number> {
  const present = await api.inspect(DEMO.container);
  if (present !== undefined) {
    if (!present.State.Running) await api.start(present.Id);
    return Number(present.HostConfig.PortBindings['80/tcp']?.[0]?.HostPort ?? FIRST_PORT);
  }
  for (let port = FIRST_PORT; port <= LAST_PORT; port += 1) {
    const id = await api.create(DEMO.container, { Image: DEMO.site, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } } });
    try {
      await api.start(id);
      return port;
    } catch (thrown) {
      await api.remove(id);
      if (!/already allocated|already in use/.test(messageOf(thrown))) throw thrown;
      tell(`port ${port} is taken, trying the next`);
    }
  }
  throw new GantryError('exhausted', `all ports from ${FIRST_PORT} to ${LAST_PORT} are taken`, { hint: 'see who has them: ss -ltnp' });
}

async function fetchPage(address: string): Promise<void> {
  const deadline = performance.now() + PAGE_WAIT_MS;
  for (;;) {
    try {
      const body = await (await fetch(address, { signal: AbortSignal.timeout(2000) })).text();
      if (body.includes(MARK)) return;
      throw new GantryError('internal', `${address} answered, but with another page`);
    } catch (thrown) {
      if (performance.now() > deadline) {
        throw new GantryError('unavailable', `${address} does not serve the page: ${messageOf(thrown)}`, { hint: `look at the server's words: gantry logs ${DEMO.container}` });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

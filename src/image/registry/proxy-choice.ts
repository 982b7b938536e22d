/** The variables that proxies are named by, as curl, Go and Docker read them. */
export interface ProxyEnvironment {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export function proxyEnvironment(env: Readonly<Record<string, string | undefined>>): ProxyEnvironment {
  const read = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  return { httpProxy: read('HTTP_PROXY'), httpsProxy: read('HTTPS_PROXY'), noProxy: read('NO_PROXY') };
}

/** Whether a request goes through a proxy. This machine itself is never reached through one. */
export function usesProxy(url: URL, { httpProxy, httpsProxy, noProxy }: ProxyEnvironment): boolean {
  if ((url.protocol === 'https:' ? httpsProxy : httpProxy) === '') return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host.startsWith('127.') || host === '::1') return false;
  return !noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [name = '', port] = entry.split(':');
    if (port !== undefined && port !== effectivePort(url)) return false;
    const domain = name.replace(/^\*?\./, '');
    return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
  });
}

function effectivePort(url: URL): string {
  return url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80';
}

/** The host's name servers, in the text of /etc/resolv.conf (resolv.conf(5)): three at most, as its own resolver takes them. */
export function hostServers(text: string): readonly string[] {
  const servers = text.split('\n').map((line) => line.trim().split(/\s+/)).filter(([first]) => first === 'nameserver').flatMap(([, server]) => server ?? []);
  return servers.slice(0, 3);
}

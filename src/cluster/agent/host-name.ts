import { GantryError } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { specOf } from './pod.ts';

/** What a DNS label and what the kernel's name of a host holds (hostname(7)). */
const LONGEST_LABEL = 63;
const LONGEST_NAME = 64;

/**
 * How a pod calls itself, and the domain in its /etc/hosts (kubernetes.io, "Pod's hostname and subdomain fields").
 * @param zone `cluster.local`
 * @throws GantryError invalid for a full name that is too long where that is asked for
 */
export function hostNameOf(pod: KubeObject, zone: string): { readonly hostname: string; readonly domainname: string } {
  const { hostname = pod.metadata.name, subdomain = '', setHostnameAsFQDN = false, hostnameOverride = '' } = specOf(pod);
  if (hostnameOverride !== '') return { hostname: hostnameOverride, domainname: '' };
  const short = hostname.slice(0, LONGEST_LABEL).replace(/[-.]+$/, '');
  if (subdomain === '') return { hostname: short, domainname: '' };
  const domain = `${subdomain}.${pod.metadata.namespace ?? ''}.svc.${zone}`;
  if (!setHostnameAsFQDN) return { hostname: short, domainname: domain };
  const full = `${short}.${domain}`;
  if (full.length > LONGEST_NAME) throw new GantryError('invalid', `Failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${LONGEST_NAME} characters is the max, ${full.length} characters requested)`, { hint: 'a shorter name, or no setHostnameAsFQDN' });
  return { hostname: full, domainname: '' };
}

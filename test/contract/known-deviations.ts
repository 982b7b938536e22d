import type { Checked } from './check-exchange.ts';
import type { Fault } from './check-value.ts';

/** An answer that the description has otherwise. Each must be met, by the engine that it names or by either, or the test fails. */
export interface KnownDeviation {
  readonly operation: RegExp;
  readonly place: RegExp;
  readonly message: RegExp;
  /** Whose it is; of both where absent. */
  readonly of?: 'dockerd' | 'gantry';
  /** It depends on what else is on the engine. */
  readonly isRare?: true;
  readonly reason: string;
}

const INSPECT = /^GET \/(containers|images)\/\{\w+\}\/json$/;
const NULL = /^is null, not (array|object|integer)$/;

export const KNOWN_DEVIATIONS: readonly KnownDeviation[] = [
  { operation: /./, place: /^status$/, message: /^(400|404|409) is not described/, reason: 'requests that are malformed, name nothing or conflict are refused everywhere, not only where the description says so' },
  { operation: /^(POST \/images\/create|GET \/distribution\/\{name\}\/json|POST \/auth)$/, place: /^status$/, message: /^503/, of: 'gantry', reason: 'a registry that does not answer is no failure of the engine' },
  { operation: /^GET \/system\/df$/, place: /^BuildCache\[\]\. Parents$/, message: /not described/, of: 'dockerd', isRare: true, reason: 'dockerd has a space in the name of the field' },
  { operation: /^GET \/events$/, place: /^(status|id|from)$/, message: /not described/, reason: 'up to 1.51 each event also has the three fields of the first versions' },
  { operation: /^POST \/exec\/\{id\}\/start$/, place: /^status$/, message: /^101/, reason: 'an upgrade is answered as that of an attach, which is described' },
  { operation: INSPECT, place: /^(HostConfig|Config)\./, message: NULL, reason: 'what the request left out is null: clients tell that from an empty list' },
  { operation: /^GET \/(containers\/json|containers\/\{id\}\/json|system\/df)$/, place: /NetworkSettings\.Networks\{\}\.(Links|Aliases|DNSNames)$/, message: NULL, reason: 'null where there are none' },
  { operation: /^(GET|POST) \/(volumes|volumes\/create|volumes\/\{name\}|system\/df)$/, place: /(Options|Labels|Warnings)$/, message: NULL, reason: 'null where there are none' },
  { operation: /^GET \/networks(\/\{id\})?$/, place: /IPAM\.(Options|Config)$/, message: NULL, reason: 'null where there are none' },
  { operation: /^GET \/(images\/json|system\/df)$/, place: /(Labels|RepoDigests|RepoTags)$/, message: NULL, reason: 'null where there are none' },
  { operation: /^GET \/system\/df$/, place: /^(Images|Containers|Volumes|BuildCache)$/, message: NULL, reason: 'what was not asked for is null' },
  { operation: /^POST \/\w+\/prune$/, place: /Deleted$/, message: NULL, reason: 'null where nothing was deleted' },
  { operation: /^GET \/exec\/\{id\}\/json$/, place: /^ExitCode$/, message: NULL, reason: 'there is none before the end' },
  { operation: /^POST \/containers\/\{id\}\/update$/, place: /^Warnings$/, message: NULL, reason: 'null where there are none' },
  { operation: /^GET \/info$/, place: /^(Warnings|RegistryConfig\.Mirrors|Plugins\.Authorization|GenericResources)$/, message: NULL, reason: 'null where there are none' },
  { operation: /^GET \/info$/, place: /^Containerd\./, message: /./, isRare: true, reason: 'its address is told only where there is one' },
  { operation: INSPECT, place: /^GraphDriver\.Data$/, message: NULL, of: 'gantry', reason: 'where layers lie is no part of what we promise; Docker with the store of containerd says null, too' },
  { operation: /^GET \/containers\/\{id\}\/stats$/, place: /_recursive$/, message: NULL, reason: 'null where the kernel does not count it' },
  { operation: /^GET \/containers\/\{id\}\/stats$/, place: /^(header Content-Type|body)$/, message: /undefined/, of: 'dockerd', reason: 'dockerd ends the stream of a stopped container without a word' },
  { operation: /^POST \/containers\/\{id\}\/attach$/, place: /^(header|body)/, message: /raw-stream|is missing/, of: 'dockerd', reason: 'dockerd takes the connection before it looks, and writes its headers by hand' },
  { operation: /./, place: /^status$/, message: /^501/, of: 'gantry', isRare: true, reason: 'what is not there says so' },
];

export function isKnownDeviation({ operation, place, message, of }: KnownDeviation, checked: Checked, fault: Fault, engine: 'dockerd' | 'gantry'): boolean {
  return (of === undefined || of === engine) && operation.test(checked.operation ?? '') && place.test(fault.place) && message.test(fault.message);
}

import type { Clock } from '#base/clock.ts';
import type { Json } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import { invalidValue, type FieldFault } from '#cluster/kinds/kind-rules.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { hasHealthPort, healthPortOf } from '#cluster/kinds/rules/health-port.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { contains, formatCidr, nthAddress, sizeOf, type Cidr } from '#net/cidr.ts';
import { formatIp, tryParseIp } from '#net/ip.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { Claims } from '../claims.ts';
import type { ObjectView } from '../object-view.ts';
import { invalid } from '../refusals.ts';
import { StatusError } from '../status.ts';
import { addressClaim, carriedOver, claimsOf, clusterIpOf, hasNodePorts, portClaim, portsOf, specOf } from './service-addresses.ts';

export interface AllocationParts {
  readonly claims: Claims;
  readonly range: Cidr;
  readonly view: ObjectView;
  /** What the writer will refuse anyway gets nothing. */
  readonly validate: (service: KubeObject, old: KubeObject | undefined) => readonly FieldFault[];
  readonly clock: Clock;
  readonly random: Random;
}

/** Upstream's `--service-node-port-range`. */
const PORTS = { first: 30_000, last: 32_767 } as const;
/** The lower part of a range is left to those who name an address (KEP-3070): a 16th, within these bounds. */
const NAMED = { least: 16n, most: 256n, part: 16n } as const;

/** Gives services their addresses and node ports, each to one service at a time. */
export function serviceAllocation(parts: AllocationParts): AdmissionPlugin {
  const isService = ({ group, plural }: ResourceDefinition): boolean => group === '' && plural === 'services';
  return {
    name: 'ServiceAllocation',
    async create(of, service, { dryRun }) {
      const { namespace, name } = service.metadata;
      if (!isService(of) || parts.view.get('services', namespace, name) !== undefined) return service;
      return await new Allocation(parts, of, service, dryRun).run(undefined);
    },
    async update(of, service, old, { dryRun }) {
      return isService(of) ? await new Allocation(parts, of, carriedOver(service, old), dryRun).run(old) : service;
    },
  };
}

/** One service that gets what it lacks. */
class Allocation {
  readonly #parts: AllocationParts;
  readonly #of: ResourceDefinition;
  readonly #service: KubeObject;
  readonly #dryRun: boolean;

  constructor(parts: AllocationParts, of: ResourceDefinition, service: KubeObject, dryRun: boolean) {
    this.#parts = parts;
    this.#of = of;
    this.#service = service;
    this.#dryRun = dryRun;
  }

  async run(old: KubeObject | undefined): Promise<KubeObject> {
    if (this.#parts.validate(this.#service, old).length > 0) return this.#service;
    const spec = specOf(this.#service);
    if (spec['type'] === 'ExternalName') return this.#service;
    this.#checkFamilies();
    const clusterIP = spec['clusterIP'] === 'None' ? 'None' : await this.#address();
    const ports = hasNodePorts(this.#service) ? { ports: await this.#ports() as unknown as Json } : {};
    const health = hasHealthPort(spec) ? { healthCheckNodePort: await this.#healthPort() } : {};
    return { ...this.#service, spec: { ...spec, clusterIP, clusterIPs: [clusterIP], ipFamilies: spec['ipFamilies'] ?? ['IPv4'], ipFamilyPolicy: spec['ipFamilyPolicy'] ?? 'SingleStack', ...ports, ...health } };
  }

  async #healthPort(): Promise<number> {
    const asked = healthPortOf(specOf(this.#service));
    if (asked === 0) return await this.#freePort('TCP');
    if (asked < PORTS.first || asked > PORTS.last) throw this.#refusal('spec.healthCheckNodePort', asked, `provided port is not in the valid range. The range of valid ports is ${PORTS.first}-${PORTS.last}`);
    if (portsOf(this.#service).some(({ protocol = 'TCP', nodePort }) => protocol === 'TCP' && nodePort === asked) || !await this.#take(portClaim({ protocol: 'TCP', nodePort: asked }))) throw this.#refusal('spec.healthCheckNodePort', asked, 'provided port is already allocated');
    return asked;
  }

  /** Addresses are of one family (upstream, registry/core/service, initIPFamilyFields); one that only names others may say what it likes. */
  #checkFamilies(): void {
    const { ipFamilies = [], ipFamilyPolicy, clusterIP, clusterIPs = [], selector } = specOf(this.#service) as { readonly ipFamilies?: readonly string[]; readonly ipFamilyPolicy?: string; readonly clusterIP?: string; readonly clusterIPs?: readonly string[]; readonly selector?: object };
    if (clusterIP === 'None' && Object.keys(selector ?? {}).length === 0) return;
    const other = ipFamilies.findIndex((family) => family !== `IPv${this.#parts.range.family}`);
    if (other !== -1) throw this.#refusal(`spec.ipFamilies[${other}]`, ipFamilies[other], 'not configured on this cluster');
    if (clusterIPs.length > 1) throw this.#refusal('spec.clusterIPs', clusterIPs, 'may only hold one value: this cluster is not configured for dual-stack services');
    if (ipFamilyPolicy === 'RequireDualStack') throw this.#refusal('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services');
  }

  async #address(): Promise<string> {
    const { range, claims, random } = this.#parts;
    const asked = clusterIpOf(this.#service);
    if (asked !== undefined) {
      const ip = tryParseIp(asked);
      if (ip === undefined || !contains(range, ip)) throw this.#refusal('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${formatCidr(range)}`);
      if (!await this.#take(addressClaim(formatIp(ip)))) throw this.#refusal('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: provided IP is already allocated`);
      return formatIp(ip);
    }
    const [first, last] = [1n, sizeOf(range) - 2n];
    const part = last / NAMED.part;
    const named = part < NAMED.least ? NAMED.least : part > NAMED.most ? NAMED.most : part;
    const bands = last > named ? [[named + 1n, last], [first, named]] as const : [[first, last]] as const;
    for (const [from, to] of bands) {
      for (const offset of inTurn(Number(to - from + 1n), random)) {
        const address = formatIp(nthAddress(range, from + BigInt(offset)));
        if (!claims.isTaken(addressClaim(address)) && await this.#take(addressClaim(address))) return address;
      }
    }
    throw new StatusError('internal', `Internal error occurred: failed to allocate a serviceIP: range is full: all of ${formatCidr(range)} is in use`);
  }

  async #ports(): Promise<object[]> {
    const given: object[] = [];
    /** Of this service, by protocol: one number may be asked for with several. */
    const mine = new Set<string>();
    for (const [index, port] of portsOf(this.#service).entries()) {
      const { protocol = 'TCP', nodePort = 0 } = port;
      const number = nodePort === 0 ? await this.#freePort(protocol) : nodePort;
      const claim = portClaim({ protocol, nodePort: number });
      const at = `spec.ports[${index}].nodePort`;
      if (number < PORTS.first || number > PORTS.last) throw this.#refusal(at, number, `provided port is not in the valid range. The range of valid ports is ${PORTS.first}-${PORTS.last}`);
      if (nodePort !== 0 && (mine.has(claim) || !await this.#take(claim))) throw this.#refusal(at, number, 'provided port is already allocated');
      mine.add(claim);
      given.push({ ...port, nodePort: number });
    }
    return given;
  }

  async #freePort(protocol: string): Promise<number> {
    const { claims, random } = this.#parts;
    for (const offset of inTurn(PORTS.last - PORTS.first + 1, random)) {
      const claim = portClaim({ protocol, nodePort: PORTS.first + offset });
      if (!claims.isTaken(claim) && await this.#take(claim)) return PORTS.first + offset;
    }
    throw new StatusError('internal', 'Internal error occurred: failed to allocate a nodePort: range is full');
  }

  async #take(what: string): Promise<boolean> {
    const { claims, clock } = this.#parts;
    if (this.#dryRun) return !claims.isTaken(what) || claimsAreOf(this.#service, this.#parts.view, what);
    return await claims.take({ what, owner: this.#service.metadata.uid, atMs: Number(clock.nowNs() / 1_000_000n) });
  }

  #refusal(field: string, value: unknown, why: string): StatusError {
    return invalid(this.#of, this.#service.metadata.name, [invalidValue(field, value, why)]);
  }
}

/** In a dry run: whether the service that is there has it. */
function claimsAreOf({ metadata }: KubeObject, view: ObjectView, what: string): boolean {
  const present = view.get('services', metadata.namespace, metadata.name);
  return present !== undefined && present.metadata.uid === metadata.uid && claimsOf(present).includes(what);
}

/** All numbers below `count`, from one drawn on. */
function* inTurn(count: number, random: Random): Generator<number> {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  const start = ((a << 16) | (b << 8) | c) % count;
  for (let step = 0; step < count; step += 1) yield (start + step) % count;
}

import { attribute, concat, decodeAttributes, FLAG, u32, u32Of } from './codec.ts';
import { AF_INET, AF_INET6, formatIp, parseIp, parseIpPrefix } from './ip-bytes.ts';
import type { NetlinkRequest, RouteSocket } from './socket.ts';

const TYPE = { newRoute: 24, deleteRoute: 25, getRoute: 26 } as const;
const RTA = { destination: 1, outputLink: 4, gateway: 5, priority: 6, table: 15 } as const;
const HEADER_BYTES = 12;
const TABLE_MAIN = 254;
const PROTOCOL_BOOT = 3;
const SCOPE = { universe: 0, link: 253 } as const;
const UNICAST = 1;

export interface RouteSettings {
  /** `default`, or a network: `10.1.0.0/16`. */
  readonly destination: string;
  /** Absent, or unspecified (`0.0.0.0`, `::`): directly on the link. It also tells the family of `default`. */
  readonly gateway?: string;
  /** Index of the link; needed without a gateway. */
  readonly index?: number;
  readonly metric?: number;
}

export interface Route {
  /** `default`, or a network. */
  readonly destination: string;
  readonly gateway: string | undefined;
  readonly index: number | undefined;
  readonly metric: number | undefined;
  readonly family: 4 | 6;
}

/** Throws 'conflict' when there is one with that destination and metric. */
export function addRoute(settings: RouteSettings): NetlinkRequest {
  return request(TYPE.newRoute, FLAG.create | FLAG.exclusive, settings, 'add');
}

export function replaceRoute(settings: RouteSettings): NetlinkRequest {
  return request(TYPE.newRoute, FLAG.create | FLAG.replace, settings, 'set');
}

export function deleteRoute(settings: RouteSettings): NetlinkRequest {
  return request(TYPE.deleteRoute, 0, settings, 'delete');
}

/** The main table, both families. */
export function listRoutes(socket: RouteSocket): readonly Route[] {
  return [AF_INET, AF_INET6].flatMap((family) => socket.ask({
    type: TYPE.getRoute, flags: FLAG.dump, body: header(family, 0, 0, 0), context: { action: 'list routes' },
  })).filter((body) => tableOf(body) === TABLE_MAIN).map(decodeRoute);
}

function decodeRoute(body: Uint8Array): Route {
  const attributes = decodeAttributes(body.subarray(HEADER_BYTES));
  const destination = attributes.get(RTA.destination);
  const gateway = attributes.get(RTA.gateway);
  const index = attributes.get(RTA.outputLink);
  const metric = attributes.get(RTA.priority);
  return {
    destination: destination === undefined ? 'default' : `${formatIp(destination)}/${body[1]}`,
    gateway: gateway === undefined ? undefined : formatIp(gateway),
    index: index === undefined ? undefined : u32Of(index),
    metric: metric === undefined ? undefined : u32Of(metric),
    family: body[0] === AF_INET ? 4 : 6,
  };
}

function tableOf(body: Uint8Array): number | undefined {
  const table = decodeAttributes(body.subarray(HEADER_BYTES)).get(RTA.table);
  return table === undefined ? body[4] : u32Of(table);
}

function request(type: number, flags: number, settings: RouteSettings, verb: string): NetlinkRequest {
  const destination = settings.destination === 'default' ? undefined : parseIpPrefix(settings.destination);
  const named = settings.gateway === undefined ? undefined : parseIp(settings.gateway);
  const gateway = named?.bytes.every((byte) => byte === 0) === true ? undefined : named;
  const family = destination?.family ?? named?.family ?? AF_INET;
  const scope = gateway === undefined && family === AF_INET ? SCOPE.link : SCOPE.universe;
  const via = settings.gateway === undefined ? '' : ` via ${settings.gateway}`;
  return {
    type, flags,
    context: { action: `${verb} the route to ${settings.destination}${via}`, subject: `route ${settings.destination}` },
    body: concat(
      header(family, destination?.prefixLength ?? 0, scope, UNICAST),
      ...(destination === undefined ? [] : [attribute(RTA.destination, destination.bytes)]),
      ...(gateway === undefined ? [] : [attribute(RTA.gateway, gateway.bytes)]),
      ...(settings.index === undefined ? [] : [attribute(RTA.outputLink, u32(settings.index))]),
      ...(settings.metric === undefined ? [] : [attribute(RTA.priority, u32(settings.metric))]),
    ),
  };
}

/** struct rtmsg. A question leaves all but the family at 0, as strict checking wants it. */
function header(family: number, prefixLength: number, scope: number, type: number): Uint8Array {
  const isQuestion = type === 0;
  return concat(
    Uint8Array.of(family, prefixLength, 0, 0, isQuestion ? 0 : TABLE_MAIN, isQuestion ? 0 : PROTOCOL_BOOT, scope, type), u32(0),
  );
}

// `unshare --net node bench/services.ts`: what the kernel's table of services costs, in a network namespace that goes with the run.
import process from 'node:process';
import { openNft } from '#container/host/edge/linux/nftables.ts';
import type { Frontend } from '#net/service/model.ts';
import { renderChange, ServiceTable } from '#net/service/service-table.ts';
import { quantile } from './measure.ts';

const SERVICES = 10_000;
const BACKENDS = 10;
const CHANGES = 200;
const TABLE = 'gantry_bench';
const RANGE = '10.96.0.0/14';

const address = (first: number, number: number): string => `10.${first + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
const frontends = (service: number, leaves?: number): Frontend[] => [{
  protocol: 'tcp', address: address(96, service + 1), port: 80,
  backends: Array.from({ length: BACKENDS }, (_, index) => ({ address: address(128, service * BACKENDS + index), port: 8080 })).filter((_, index) => index !== leaves),
}];

const began = [performance.now(), process.cpuUsage()] as const;
const table = new ServiceTable();
table.load(new Map(Array.from({ length: SERVICES }, (_, service) => [`default/s${service}`, frontends(service)])));
using nft = openNft();
nft.run([...table.renderAll(TABLE, RANGE)].join(''));
const [wallMs, cpu] = [performance.now() - began[0], process.cpuUsage(began[1])];

const changesMs = Array.from({ length: CHANGES }, (_, turn) => {
  const service = (turn * 37) % SERVICES;
  const start = performance.now();
  nft.run(renderChange(TABLE, table.put(`default/s${service}`, frontends(service, turn % BACKENDS))));
  return performance.now() - start;
});
console.log(JSON.stringify({
  services: SERVICES, backends: BACKENDS, programmedMs: Math.round(wallMs), processorMs: Math.round((cpu.user + cpu.system) / 1000),
  changeMs: { median: quantile(changesMs, 0.5), p95: quantile(changesMs, 0.95), largest: Math.max(...changesMs) },
}));

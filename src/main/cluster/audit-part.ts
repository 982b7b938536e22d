import type { AuditRequest } from '#docker/edge/cluster-control.ts';
import { AuditLog } from '#cluster/api/audit/audit-log.ts';
import { DEFAULT_AUDIT_POLICY, readAuditPolicy } from '#cluster/api/audit/audit-policy.ts';
import { AuditFile } from '#cluster/api/edge/audit-file.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';

/** Who asked for what, in a file. */
export interface AuditPart extends ClusterPart {
  readonly audit: AuditLog;
}

const NS_PER_MS = 1_000_000n;
const MEGABYTE = 1024 * 1024;

/** @throws GantryError invalid for a policy that makes no sense, or a file that can't be written */
export function auditPart({ schemas, clock, random, log }: ClusterCore, { path, policy = '', mostMegabytes, mostDays, mostBackups }: AuditRequest): AuditPart {
  const read = readAuditPolicy(policy === '' ? DEFAULT_AUDIT_POLICY : policy);
  const file = new AuditFile({ path, mostBytes: mostMegabytes * MEGABYTE, mostDays, mostBackups, nowMs: () => Number(clock.nowNs() / NS_PER_MS), log: (line) => log(`cluster: ${line}`) });
  return { name: 'audit log', audit: new AuditLog({ policy: read, schemas, clock, random, write: (line) => file.write(line) }), open: () => {}, close: () => file.close() };
}

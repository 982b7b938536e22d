import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { intFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';

export const AUDIT_FLAGS = [
  stringFlag('audit-log', '', 'File on the machine of the daemon that is told who asked the API for what', { completes: 'file', shownDefault: 'none' }),
  stringFlag('audit-policy', '', 'File with an audit.k8s.io/v1 Policy: what is told', { completes: 'file', shownDefault: 'who did what, and no contents' }),
  intFlag('audit-log-maxsize', '', 'Megabytes after which the file is turned over', { fallback: '100' }),
  intFlag('audit-log-maxage', '', 'Days that old files are kept; 0 keeps them for ever', { fallback: '30' }),
  intFlag('audit-log-maxbackup', '', 'Old files that are kept; 0 keeps all', { fallback: '10' }),
];

/** What `POST /cluster/up` is asked for an audit log. @throws GantryError invalid for a policy that can't be read */
export async function auditOf(args: ParsedArgs): Promise<JsonObject> {
  const [log, policy] = [args.string('audit-log'), args.string('audit-policy')];
  if (log === '' && policy !== '') throw new GantryError('invalid', 'a policy is for an audit log, and none is named', { hint: 'name it: --audit-log FILE' });
  if (log === '') return {};
  const text = policy === '' ? '' : await readFile(policy, 'utf8').catch((cause: unknown) => { throw new GantryError('invalid', `the audit policy ${policy} can't be read`, { cause }); });
  return { Audit: { Path: resolve(log), Policy: text, MaxSize: args.int('audit-log-maxsize'), MaxAge: args.int('audit-log-maxage'), MaxBackup: args.int('audit-log-maxbackup') } };
}

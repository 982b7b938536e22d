import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { CliContext, CommandSpec } from '#cli/command-spec.ts';
import { noOperands } from '#cli/grammar/arity.ts';
import { boolFlag, intFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { AUDIT_FLAGS, auditOf } from './audit-flags.ts';
import { STORE_FLAGS, storeOf } from './store-flags.ts';

interface Status {
  readonly running: boolean;
  readonly server: string;
  readonly node: string;
  readonly version: string;
}

const FORMAT = stringFlag('format', '', 'Print as json', { completes: ['json'] });

async function kubeconfigOf(client: ApiClient): Promise<string> {
  return (await client.json<{ readonly Kubeconfig: string }>('GET', '/cluster/kubeconfig')).Kubeconfig;
}

function defaultKubeconfig({ io }: CliContext): string {
  return `${io.env['HOME'] ?? '/root'}/.kube/gantry.yaml`;
}

export const clusterUp: CommandSpec = {
  summary: 'Turn the machine of the daemon into a cluster of one node',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [
    stringFlag('address', '', 'Address that the API listens on', { fallback: '127.0.0.1' }),
    intFlag('port', '', 'Port of the API; 0 chooses a free one', { fallback: '6443' }),
    stringFlag('service-cidr', '', 'Addresses for services', { shownDefault: 'the first free one of 10.96.0.0/16, 10.97.0.0/16 ...' }),
    stringFlag('eviction-hard', '', 'When the node evicts pods, as of the kubelet\'s flag; none: never', { shownDefault: 'memory.available<100Mi,nodefs.available<10% ..., as by the kubelet' }),
    stringFlag('eviction-soft', '', 'When the node lets pods go that have time to end: memory.available<300Mi', { shownDefault: 'never' }),
    stringFlag('eviction-soft-grace-period', '', 'For how long a soft threshold may be crossed: memory.available=1m30s'),
    intFlag('eviction-max-pod-grace-period', '', 'The most seconds that such a pod has to end', { fallback: '0' }),
    ...STORE_FLAGS,
    ...AUDIT_FLAGS,
    stringFlag('kubeconfig', '', 'File to write the kubeconfig to', { completes: 'file', shownDefault: '~/.kube/gantry.yaml' }),
    FORMAT,
  ],
  run: async (context, args) => {
    const began = performance.now();
    const client = await context.client();
    const { place, ca, cert, key } = storeOf(args);
    const status = await client.json<Status>('POST', '/cluster/up', { json: { Address: args.string('address'), Port: args.int('port'), ServiceCIDR: args.string('service-cidr'), EvictionHard: args.string('eviction-hard'), EvictionSoft: args.string('eviction-soft'), EvictionSoftGracePeriod: args.string('eviction-soft-grace-period'), EvictionMaxPodGracePeriod: args.int('eviction-max-pod-grace-period'), Store: place, StoreCA: ca, StoreCert: cert, StoreKey: key, ...await auditOf(args) } });
    const path = args.string('kubeconfig') || defaultKubeconfig(context);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await kubeconfigOf(client), { mode: 0o600 });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    context.out(args.string('format') === 'json' ? `${JSON.stringify({ ...status, kubeconfig: path })}\n` : `
The cluster answers at ${status.server}, and node ${status.node} is ready  (after ${seconds} s)

  export KUBECONFIG=${path}
  kubectl get nodes
  kubectl create deployment web --image=IMAGE     an image of this engine needs no push
  gantry cluster down                             end the pods and the cluster
`);
    return 0;
  },
};

export const clusterDown: CommandSpec = {
  summary: 'End the pods and the cluster',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [boolFlag('keep', '', 'Keep what the cluster knows: the next up goes on with it')],
  run: async (context, args) => {
    await (await context.client()).text('POST', '/cluster/down', { query: { erase: args.bool('keep') ? '0' : '1' } });
    context.out('the cluster is down\n');
    return 0;
  },
};

export const clusterStatus: CommandSpec = {
  summary: 'Show whether a cluster runs, and where',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [FORMAT],
  run: async (context, args) => {
    const status = await (await context.client()).json<Status>('GET', '/cluster');
    if (args.string('format') === 'json') context.out(`${JSON.stringify(status)}\n`);
    else context.out(status.running ? `running at ${status.server}, node ${status.node}\n` : 'no cluster runs; start one: gantry cluster up\n');
    return status.running ? 0 : 1;
  },
};

export const clusterKubeconfig: CommandSpec = {
  summary: 'Print a kubeconfig of the administrator',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [stringFlag('output', 'o', 'File to write it to', { completes: 'file' })],
  run: async (context, args) => {
    const text = await kubeconfigOf(await context.client());
    const path = args.string('output');
    if (path === '') context.out(text);
    else await writeFile(path, text, { mode: 0o600 }).catch((cause: unknown) => { throw new GantryError('invalid', `${path} can't be written`, { cause }); });
    return 0;
  },
};

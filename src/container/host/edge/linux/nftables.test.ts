import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { createNetworkNamespace } from './namespaces.ts';
import { nftComment, nftLink, nftName } from './nft-names.ts';
import { NftSession, openNft } from './nftables.ts';

const hasLibrary = ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libnftables.so.1`));
const skip = process.getuid?.() !== 0 ? 'needs root' : hasLibrary ? false : 'needs libnftables1';
const netns = skip === false ? createNetworkNamespace() : -1;
const nft = skip === false ? openNft(netns) : undefined;
after(() => {
  nft?.close();
  if (netns >= 0) closeSync(netns);
});

function session() {
  assert.ok(nft);
  return nft;
}

test('commands take effect in the namespace, and are listed as values', { skip }, () => {
  session().run('add table inet t1; add map inet t1 ports { type inet_service : ipv4_addr; }; add element inet t1 ports { 80 : 10.0.0.2 }');
  const map = session().list('map inet t1 ports').find((entry) => 'map' in entry) as { map: { name: string; elem: unknown } };
  assert.equal(map.map.name, 'ports');
  assert.deepEqual(map.map.elem, [[80, '10.0.0.2']]);
  assert.match(session().run('list tables'), /table inet t1/);
  using elsewhere = openNft();
  assert.doesNotMatch(elsewhere.run('list tables'), /table inet t1\b/);
});

test('all or nothing, with the words of nft', { skip }, () => {
  assert.throws(() => session().run('add table inet t2; add chain inet nosuch c'), (thrown: unknown) => {
    assert.ok(thrown instanceof GantryError);
    assert.equal(thrown.kind, 'not-found');
    assert.match(thrown.message, /No such file or directory/);
    return true;
  });
  assert.doesNotMatch(session().run('list tables'), /t2/);
  assert.throws(() => session().run('add tabel x'), { kind: 'invalid', message: /syntax error/ });
  assert.equal(session().run('add table inet t3'), '');
});

test('commands as values', { skip }, () => {
  session().runJson({ nftables: [
    { add: { table: { family: 'inet', name: 'json' } } },
    { add: { chain: { family: 'inet', table: 'json', name: 'forward', type: 'filter', hook: 'forward', prio: 0, policy: 'drop' } } },
    { add: { rule: { family: 'inet', table: 'json', chain: 'forward', comment: 'by Gantry', expr: [
      { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'br0' } }, { accept: null },
    ] } } },
  ] });
  const rule = session().list('table inet json').find((entry) => 'rule' in entry) as { rule: { handle: number; comment: string } };
  assert.equal(rule.rule.comment, 'by Gantry');
  assert.ok(rule.rule.handle > 0);
  assert.throws(() => session().runJson({ nftables: [{ add: { table: { family: 'inet', name: 'nosuch' } } }, { add: { chain: { family: 'inet', table: 'none', name: 'c' } } }] }), GantryError);
  assert.doesNotMatch(session().run('list tables'), /nosuch/);
});

test('text that means something to nft never gets into a command', { skip }, () => {
  for (const text of ['a"; flush ruleset; "', 'a{b', 'a;b', 'a\nb', '$(x)', 'a\\b', 'a\0b']) {
    assert.throws(() => session().runJson({ nftables: [{ add: { table: { family: 'inet', name: text } } }] }), { kind: 'invalid' }, text);
    for (const guard of [nftName, nftLink, nftComment]) assert.throws(() => guard(text), { kind: 'invalid' }, text);
  }
  assert.throws(() => nftName('1a'), { kind: 'invalid' });
  assert.throws(() => nftLink('sixteen-bytes-xx'), { kind: 'invalid' });
  assert.throws(() => nftComment('é'), { kind: 'invalid' });
  const long = 'a'.repeat(127);
  session().run(`add table inet ${nftName('g-1_x')} { comment ${nftComment(long)}; }`);
  assert.equal(nftLink('eth0.5'), '"eth0.5"');
});

test('a process with thousands of open files opens sessions too, which wait by select(2)', { skip }, () => {
  // In a process of its own: glibc ends one that gives select a descriptor above 1023.
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { createNetworkNamespace } from ${JSON.stringify(new URL('namespaces.ts', import.meta.url).href)};
    import { openNft } from ${JSON.stringify(new URL('nftables.ts', import.meta.url).href)};
    const netns = createNetworkNamespace();
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 1100; count++) openSync('/dev/null');
      const sessions = [openNft(netns), openNft(netns)];
      for (const [index, session] of sessions.entries()) session.run('add table inet t' + round + index);
      for (const session of sessions) session.close();
    }
    using last = openNft(netns);
    const { runFirewallThread } = await import(${JSON.stringify(new URL('../firewall-thread.ts', import.meta.url).href)});
    await runFirewallThread('add table inet in_a_thread');
    console.log(last.run('list tables').split('\\n').length);`;
  const directory = mkdtempSync(`${tmpdir()}/gantry-nft-`);
  writeFileSync(`${directory}/script.mts`, script);
  const { status, signal, stdout, stderr } = spawnSync('unshare', ['--net', process.execPath, '--disable-warning=ExperimentalWarning', '--experimental-ffi', `${directory}/script.mts`], { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  assert.equal(signal, null, stderr);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), '7');
});

test('no signal comes in the middle, which the library would take for a failure of what is done', () => {
  const blocked = (): string => /^SigBlk:\s*(\w+)/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1] ?? '';
  const before = blocked();
  let during = '';
  const made = <F extends (...args: never[]) => unknown>(act: F) => Object.assign(act, { pointer: 0n });
  const library: ConstructorParameters<typeof NftSession>[0] = {
    nft_ctx_new: made(() => 0n), nft_ctx_free: made(() => undefined), nft_ctx_output_set_flags: made(() => undefined),
    nft_ctx_buffer_output: made(() => 0), nft_ctx_buffer_error: made(() => 0), nft_ctx_get_output_buffer: made(() => 0n), nft_ctx_get_error_buffer: made(() => 0n),
    nft_run_cmd_from_buffer: made((_context: unknown, commands: unknown) => {
      during = blocked();
      return commands === 'refused' ? 1 : 0;
    }),
  };
  const session = new NftSession(library, 0n);
  session.run('add table inet t');
  // All but those that can't be, and the two that glibc keeps for itself.
  assert.equal(during, 'fffffffe7ffbfeff');
  assert.equal(blocked(), before);
  assert.throws(() => session.run('refused'), { kind: 'internal' });
  assert.equal(blocked(), before);
});

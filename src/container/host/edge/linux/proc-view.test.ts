import assert from 'node:assert/strict';
import { closeSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createNetworkNamespace, inNetworkNamespace, openNamespace } from './namespaces.ts';
import { ProcView } from './proc-view.ts';
import { NetSettings } from './sysctl.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

test('settings made by a view of our own are those of the namespace, and the view is renewed', { skip }, () => {
  const home = openNamespace('net');
  const before = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8');
  const view = new ProcView();
  const paths = new Set<string>();
  try {
    for (let count = 0; count < 20; count += 1) {
      const namespace = createNetworkNamespace();
      try {
        inNetworkNamespace(namespace, home, () => {
          const path = view.path();
          paths.add(readFileSync(`${path}/thread-self/mountinfo`, 'utf8') === '' ? 'none' : path);
          using settings = new NetSettings(path);
          settings.write('ipv4/ip_unprivileged_port_start', 100 + count);
          assert.equal(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'), `${100 + count}\n`);
        });
      } finally {
        closeSync(namespace);
      }
    }
    assert.ok([...paths].every((path) => path.startsWith('/proc/self/fd/')), [...paths].join(' '));
    assert.equal(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'), before);
  } finally {
    view.close();
    closeSync(home);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT } from '../wire/endpoint.ts';
import { endpointFaults, lowerEndpoint } from './endpoints.ts';

test('settings of a link are named in any case, with IFNAME for its name', () => {
  const settings = (text: string): ReturnType<typeof ENDPOINT.zero> => ({ ...ENDPOINT.zero(), DriverOpts: { 'com.docker.network.endpoint.sysctls': text } });
  for (const name of ['IFNAME', 'ifname']) {
    const asked = settings(`net.ipv4.conf.${name}.log_martians=1,net.ipv6.conf.${name}.x=a=b`);
    assert.deepEqual(endpointFaults(asked), []);
    assert.deepEqual(lowerEndpoint('net', asked).sysctls, [{ path: 'net/ipv4/conf/IFNAME/log_martians', value: '1' }, { path: 'net/ipv6/conf/IFNAME/x', value: 'a=b' }]);
  }
  for (const wrong of ['net.ipv4.conf.eth0.log_martians=1', 'net.ipv4.conf.IFNAME.log_martians', 'net.core.IFNAME.x=1', 'net.ipv4.conf.IFNAME/../x=1']) {
    assert.match(endpointFaults(settings(wrong))[0] ?? '', /^unrecognised network interface sysctl/, wrong);
  }
});

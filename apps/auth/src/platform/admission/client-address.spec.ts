import { clientAddress, hasReadableAddress } from './client-address.js';

describe('clientAddress', () => {
  it('is the peer without a trusted proxy', () => {
    expect(clientAddress({ ip: '203.0.113.7' })).toBe('203.0.113.7');
  });

  it('is what the last trusted proxy saw', () => {
    const ips = ['10.0.0.1', '10.0.0.2', '203.0.113.7'];
    expect(clientAddress({ ip: '203.0.113.7', ips })).toBe('203.0.113.7');
  });

  it('is the same for every port of a client', () => {
    for (const ip of ['203.0.113.7:1', '203.0.113.7:2', '::ffff:203.0.113.7'])
      expect(clientAddress({ ip, ips: ['10.0.0.1', ip] })).toBe('203.0.113.7');
    for (const ip of ['[2001:db8::1]:1', '[2001:DB8::2]:2', '2001:db8::3%eth0'])
      expect(clientAddress({ ip, ips: ['10.0.0.1', ip] })).toBe('2001:db8:0:0::/64');
  });

  it.each(['unknown', '_hidden', 'x:1', ''])('is that of the proxy that saw %j', (ip) => {
    const request = { ip, ips: ['10.0.0.1', '10.0.0.2:80', ip] };
    expect(clientAddress(request)).toBe('10.0.0.2');
    expect(hasReadableAddress(request)).toBe(false);
  });

  it('is one for all peers that have none', () => {
    expect(clientAddress({ ip: '' })).toBe('unknown');
  });
});

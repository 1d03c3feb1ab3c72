import { clientAddress, hasReadableAddress } from './client-address.js';

describe('clientAddress', () => {
  it("is the peer's address without a trusted proxy", () => {
    expect(clientAddress({ ip: '203.0.113.7' })).toBe('203.0.113.7');
  });

  it('is the address that the last trusted proxy reports', () => {
    const ips = ['10.0.0.1', '10.0.0.2', '203.0.113.7'];
    expect(clientAddress({ ip: '203.0.113.7', ips })).toBe('203.0.113.7');
  });

  it('is the same for every port of a client', () => {
    for (const ip of ['203.0.113.7:1', '203.0.113.7:2', '::ffff:203.0.113.7'])
      expect(clientAddress({ ip, ips: ['10.0.0.1', ip] })).toBe('203.0.113.7');
    for (const ip of ['[2001:db8::1]:1', '[2001:DB8::2]:2', '2001:db8::3%eth0'])
      expect(clientAddress({ ip, ips: ['10.0.0.1', ip] })).toBe('2001:db8:0:0::/64');
  });

  it.each(['unknown', '_hidden', 'x:1', ''])(
    "is the proxy's own address when it reports %j",
    (ip) => {
      const request = { ip, ips: ['10.0.0.1', '10.0.0.2:80', ip] };
      expect(clientAddress(request)).toBe('10.0.0.2');
      expect(hasReadableAddress(request)).toBe(false);
    },
  );

  it('is the same for all peers without an address', () => {
    expect(clientAddress({ ip: '' })).toBe('unknown');
  });
});

import { senderAddress, hasReadableAddress } from './sender.js';

describe('senderAddress', () => {
  it("is the peer's address without a trusted proxy", () => {
    expect(senderAddress({ ip: '203.0.113.7' })).toBe('203.0.113.7');
  });

  it('is the address that the last trusted proxy reports', () => {
    const ips = ['10.0.0.1', '10.0.0.2', '203.0.113.7'];
    expect(senderAddress({ ip: '203.0.113.7', ips })).toBe('203.0.113.7');
  });

  it('is the same for every port of a client', () => {
    for (const ip of ['203.0.113.7:1', '203.0.113.7:2', '::ffff:203.0.113.7'])
      expect(senderAddress({ ip, ips: ['10.0.0.1', ip] })).toBe('203.0.113.7');
    for (const ip of ['[2001:db8::1]:1', '[2001:DB8::2]:2', '2001:db8::3%eth0'])
      expect(senderAddress({ ip, ips: ['10.0.0.1', ip] })).toBe('2001:db8:0:0::/64');
  });

  it.each(['unknown', '_hidden', 'x:1', ''])(
    "is the proxy's own address when it reports %j",
    (ip) => {
      const request = { ip, ips: ['10.0.0.1', '10.0.0.2:80', ip] };
      expect(senderAddress(request)).toBe('10.0.0.2');
      expect(hasReadableAddress(request)).toBe(false);
    },
  );

  it('is the same for all peers without an address', () => {
    expect(senderAddress({ ip: '' })).toBe('unknown');
  });
});

import { clientAddress } from './client-address.js';

describe('clientAddress', () => {
  it('is the peer without a trusted proxy, whatever it claims', () => {
    expect(clientAddress({ ip: '203.0.113.7' })).toBe('203.0.113.7');
  });

  it('is what the nearest proxy saw, not what the client wrote before it', () => {
    const ips = ['10.0.0.1', '203.0.113.7', '1.2.3.4'];
    expect(clientAddress({ ip: '1.2.3.4', ips })).toBe('203.0.113.7');
  });

  it('is the proxy itself when that forwards nothing', () => {
    expect(clientAddress({ ip: '10.0.0.1', ips: ['10.0.0.1'] })).toBe('10.0.0.1');
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['not an address', 'not an address'],
  ])('takes %s for %s', (ip, expected) => {
    expect(clientAddress({ ip })).toBe(expected);
  });
});

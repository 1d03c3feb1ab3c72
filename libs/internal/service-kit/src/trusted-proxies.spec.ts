import { trustedProxies, type TrustedProxies } from './trusted-proxies.js';

const trustOf = (text: string) => trustedProxies.parse(text) as TrustedProxies;
/** The number of trusted peers, counted from the nearest. */
const trustedPeers = (text: string, peers: readonly string[]) => {
  const trust = trustOf(text);
  const first = peers.findIndex((peer, hop) => !trust(peer, hop));
  return first === -1 ? peers.length : first;
};

describe('TRUST_PROXY', () => {
  it('trusts no proxy by default', () => {
    expect(trustedProxies.parse('false')).toBe(false);
  });

  it.each([
    ['true', ['10.0.0.1', '203.0.113.7', '198.51.100.1'], 1],
    ['1', ['10.0.0.1', '203.0.113.7', '198.51.100.1'], 1],
    [' 2 ', ['10.0.0.1', '10.0.0.2:443', '203.0.113.7'], 2],
    // Nothing is known beyond a proxy that hides where the request came from.
    ['3', ['10.0.0.1', 'unknown', '203.0.113.7'], 1],
    ['10.0.0.0/8', ['10.0.0.1', '10.255.0.2', '203.0.113.7', '10.0.0.3'], 2],
    ['10.0.0.0/8', ['203.0.113.7', '10.0.0.1'], 0],
    ['10.0.0.1', ['::ffff:10.0.0.1', '10.0.0.1:9', '10.0.0.2'], 2],
    ['loopback, 2001:db8::/32', ['127.0.0.1', '[2001:DB8::1]:443', '2001:db9::1'], 2],
    ['loopback', ['unknown', '127.0.0.1'], 0],
    ['uniquelocal,linklocal', ['192.168.0.1', 'fe80::1%eth0', 'fd00::1', '8.8.8.8'], 3],
  ])('%s trusts of %j the nearest %i', (text, peers, count) => {
    expect(trustedPeers(text, peers)).toBe(count);
  });

  it.each([
    '',
    ' ',
    'yes',
    'TRUE',
    '0',
    '17',
    '-1',
    '1.5',
    '10,20',
    'proxy.example.com',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '10.0.0.1,,10.0.0.2',
    'all',
  ])('refuses %j', (text) => {
    expect(trustedProxies.safeParse(text).success).toBe(false);
  });
});

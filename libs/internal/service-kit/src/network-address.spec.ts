import fc from 'fast-check';
import { addressOf, networkOf } from './network-address.js';

describe('addressOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['"203.0.113.7:51234"', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:51234', '2001:db8::1'],
    ['"[2001:db8::1]:51234"', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
    ['::', '::'],
  ])('parses %j', (text, address) => {
    expect(addressOf(text)).toBe(address);
  });

  it.each([
    ...['', ' ', 'unknown', '_hidden', '_SEVKISEK', 'localhost', 'example.com:443', '-', '[', '[]'],
    ...['1', '127.1', '0x7f000001', '2130706433', '203.0.113', '203.0.113.256', '203.0.113.7.1'],
    ...['203.0.113.7:', '203.0.113.7:port', '[203.0.113.7]:443', '2001:db8::g', ':::', '1::2::3'],
    ...['203.0.113.7, 10.0.0.1', 'for=203.0.113.7'],
  ])('does not accept %j as an address', (text) => {
    expect(addressOf(text)).toBeUndefined();
  });

  it('gives the same result for every spelling of an address', () => {
    const port = fc.nat(65_535);
    fc.assert(
      fc.property(fc.ipV4(), port, (ip, at) => {
        const spellings = [`${ip}:${at}`, `::ffff:${ip}`, `[::FFFF:${ip}]:${at}`, ` "${ip}" `];
        expect(spellings.map(addressOf)).toEqual(spellings.map(() => ip));
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), port, (ip, at) => {
        const spellings = [ip, ip.toUpperCase(), `[${ip}]`, `[${ip}]:${at}`, `${ip}%eth0`];
        expect(new Set(spellings.map(addressOf)).size).toBe(1);
        const address = addressOf(ip)!;
        expect(addressOf(address)).toBe(address);
      }),
    );
  });
});

describe('networkOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('maps %s to %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

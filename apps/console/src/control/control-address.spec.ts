import { controlIn } from './control-address.js';

const HERE = '127.0.0.1';
const CONTROL = 'control=http%3A%2F%2F127.0.0.1%3A4050&key=s3cret';

describe('the address of a control server in the hash', () => {
  it.each([
    ['alone', `#/live?${CONTROL}`, '#/live'],
    ['before others', `#/live?${CONTROL}&view=dark`, '#/live?view=dark'],
    ['after others', `#/live?view=dark&${CONTROL}`, '#/live?view=dark'],
    ['on another page', `#/decode?${CONTROL}`, '#/decode'],
    ['not encoded', '#/live?control=http://127.0.0.1:4050/&key=s3cret', '#/live'],
  ])('is taken out: %s', (_, hash, rest) => {
    expect(controlIn(hash, HERE)).toEqual({
      address: { url: 'http://127.0.0.1:4050', key: 's3cret' },
      ...{ isRefused: false, hash: rest },
    });
  });

  it.each([
    ['no parameters', '#/live', '#/live'],
    ['an empty hash', '', ''],
    ['no address', '#/live?key=s3cret', '#/live'],
  ])('is not there, and leaves nothing behind: %s', (_, hash, rest) => {
    expect(controlIn(hash, HERE)).toEqual({ address: undefined, isRefused: false, hash: rest });
  });

  it.each([
    ['no key', '#/live?control=http://127.0.0.1:4050', '#/live'],
    ['an empty key', '#/live?control=http://127.0.0.1:4050&key=', '#/live'],
    ['an empty address', '#/live?control=&key=s3cret', '#/live'],
    ['no URL', '#/live?control=4050&key=s3cret', '#/live'],
    ['a server elsewhere', '#/live?control=http://evil.test&key=x', '#/live'],
    [
      'a name that begins like this machine',
      '#/live?control=http://127.0.0.1.evil.test&key=x',
      '#/live',
    ],
    ['this machine as a user name', '#/live?control=http://127.0.0.1@evil.test&key=x', '#/live'],
    ['a script', '#/live?control=javascript:alert(1)&key=x', '#/live'],
    ['TLS', '#/live?control=https://127.0.0.1:4050&key=x', '#/live'],
    ['a form that no policy has', '#/live?control=http://[::1]:4050&key=x', '#/live'],
  ])('is refused, and leaves nothing behind: %s', (_, hash, rest) => {
    expect(controlIn(hash, HERE)).toEqual({ address: undefined, isRefused: true, hash: rest });
  });

  it.each(['localhost', '127.0.0.1', '[::1]'])('can be used by a page at %s', (page) => {
    const hash = '#/live?control=http://LOCALHOST:4050&key=x';
    expect(controlIn(hash, page).address).toEqual({ url: 'http://localhost:4050', key: 'x' });
  });

  it('is refused by a page that is not on this machine', () => {
    expect(controlIn(`#/live?${CONTROL}`, 'auth.example.com')).toEqual({
      ...{ address: undefined, isRefused: true, hash: '#/live' },
    });
  });
});

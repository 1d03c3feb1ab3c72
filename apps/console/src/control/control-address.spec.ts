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
      hash: rest,
    });
  });

  it.each([
    ['no parameters', '#/live', '#/live'],
    ['an empty hash', '', ''],
    ['no key', '#/live?control=http://127.0.0.1:4050', '#/live'],
    ['an empty key', '#/live?control=http://127.0.0.1:4050&key=', '#/live'],
    ['no address', '#/live?key=s3cret', '#/live'],
    ['no URL', '#/live?control=4050&key=s3cret', '#/live'],
    ['a server elsewhere', '#/live?control=http://evil.test&key=x', '#/live'],
    [
      'a name that begins like this machine',
      '#/live?control=http://127.0.0.1.evil.test&key=x',
      '#/live',
    ],
    ['this machine as a user name', '#/live?control=http://127.0.0.1@evil.test&key=x', '#/live'],
    ['a script', '#/live?control=javascript:alert(1)&key=x', '#/live'],
  ])('is not there, and leaves nothing behind: %s', (_, hash, rest) => {
    expect(controlIn(hash, HERE)).toEqual({ address: undefined, hash: rest });
  });

  it.each(['localhost', '[::1]'])('can be of %s', (host) => {
    const hash = `#/live?control=http://${host}:4050&key=x`;
    expect(controlIn(hash, host).address).toEqual({ url: `http://${host}:4050`, key: 'x' });
  });

  it('is ignored by a page that is not on this machine', () => {
    expect(controlIn(`#/live?${CONTROL}`, 'auth.example.com')).toEqual({
      address: undefined,
      hash: '#/live',
    });
  });
});

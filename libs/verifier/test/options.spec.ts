import { createVerifier, type RevocationCheck } from '../src/index.js';

const issuer = 'https://issuer.test';
const audience = 'orders';
const list: RevocationCheck = { loaded: true, isRevoked: () => false, stalenessSeconds: () => 0 };

/** Each option is required by its type, and again at run time for plain JavaScript. */
describe('createVerifier fails', () => {
  it('without an issuer', () => {
    // @ts-expect-error issuer is missing
    expect(() => createVerifier({ audience, revocations: 'ignore' })).toThrow(/issuer/);
  });

  it('without an audience', () => {
    // @ts-expect-error audience is missing
    expect(() => createVerifier({ issuer, revocations: 'ignore' })).toThrow(/audience/);
  });

  it('without revocations', () => {
    // @ts-expect-error revocations is missing
    expect(() => createVerifier({ issuer, audience })).toThrow(/whenStale|revocations/);
  });

  it('without whenStale for a deny-list', () => {
    // @ts-expect-error whenStale is missing
    expect(() => createVerifier({ issuer, audience, revocations: list })).toThrow(/whenStale/);
  });

  it.each([
    ['an empty audience', { audience: [] }, /audience/],
    ['an empty issuer', { issuer: '' }, /issuer/],
    ['a jwksUri that is not a URL', { jwksUri: 'not a url' }, /jwksUri/],
    ['a negative cool-down', { keySet: { cooldownSeconds: -1 } }, /cooldownSeconds/],
    ['an empty list of issuers', { issuers: [] }, /issuers/],
  ])('with %s', (_, more, message) => {
    const options = { issuer, audience, revocations: 'ignore', ...more };
    expect(() => createVerifier(options as never)).toThrow(message);
  });
});

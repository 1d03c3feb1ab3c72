import { createVerifier, type RevocationCheck } from '../src/index.js';

const issuer = 'https://issuer.test';
const audience = 'orders';
const list: RevocationCheck = { loaded: true, isRevoked: () => false, stalenessSeconds: () => 0 };

/** The type checker proves the left side; what gets past it is caught at run time. */
describe('a verifier cannot be made', () => {
  it('without an issuer', () => {
    // @ts-expect-error issuer is missing
    expect(() => createVerifier({ audience, revocations: 'ignore' })).toThrow(/issuer/);
  });

  it('without an audience', () => {
    // @ts-expect-error audience is missing
    expect(() => createVerifier({ issuer, revocations: 'ignore' })).toThrow(/audience/);
  });

  it('without saying how revocations are checked', () => {
    // @ts-expect-error revocations is missing
    expect(() => createVerifier({ issuer, audience })).toThrow(/whenStale|revocations/);
  });

  it('without saying what to do when the deny-list is stale', () => {
    // @ts-expect-error whenStale is missing
    expect(() => createVerifier({ issuer, audience, revocations: list })).toThrow(/whenStale/);
  });

  it.each([
    ['an empty audience', { audience: [] }, /audience/],
    ['an empty issuer', { issuer: '' }, /issuer/],
    ['a key set address that is none', { jwksUri: 'not a url' }, /jwksUri/],
    ['a negative cool-down', { keySet: { cooldownSeconds: -1 } }, /cooldownSeconds/],
    ['no issuers', { issuers: [] }, /issuers/],
  ])('with %s', (_, more, message) => {
    const options = { issuer, audience, revocations: 'ignore', ...more };
    expect(() => createVerifier(options as never)).toThrow(message);
  });
});

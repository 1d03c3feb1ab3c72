import { eventVerifier, snapshotVerifier, type SignedEventVerifier } from './event-verifiers.js';

describe.each([
  ['eventVerifier', eventVerifier, 'secevent+jwt', 'urn:latchkey:revocation-feed'],
  [
    'snapshotVerifier',
    snapshotVerifier,
    'latchkey-snapshot+jwt',
    'urn:latchkey:revocation-snapshot',
  ],
] as const)('%s', (_, verifierOf, type, audience) => {
  it('expects its own type and audience, and returns the claims', async () => {
    const asked: unknown[] = [];
    const verifier: SignedEventVerifier = {
      verifySignedEvent: (jws, expected) => {
        asked.push([jws, expected]);
        return Promise.resolve({ claims: { jti: 'e-1' } });
      },
    };
    expect(await verifierOf(verifier)('a.b.c')).toEqual({ jti: 'e-1' });
    expect(asked).toEqual([['a.b.c', { type, audience }]]);
  });

  it('rejects with the error of the verifier', async () => {
    const verifier = { verifySignedEvent: () => Promise.reject(new Error('bad_signature')) };
    await expect(verifierOf(verifier)('a.b.c')).rejects.toThrow('bad_signature');
  });
});

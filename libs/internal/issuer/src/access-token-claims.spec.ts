import { AccessTokenClaims } from '@latchkey/contracts';
import { buildAccessTokenClaims } from './access-token-claims.js';

const profile = {
  issuer: 'https://auth.example',
  audiences: ['orders', 'https://auth.example'],
  lifetimeSeconds: 300,
};
const request = {
  subject: 'u-1',
  clientId: 'latchkey-web',
  scopes: ['orders:read', 'orders:write'],
};
const now = 1_800_000_000_900;

describe('buildAccessTokenClaims', () => {
  it('writes the claims of RFC 9068 and no member without a value', () => {
    const claims = buildAccessTokenClaims(profile, request, now);
    expect(AccessTokenClaims.parse(claims)).toEqual(claims);
    expect(claims).toEqual({
      iss: profile.issuer,
      sub: 'u-1',
      aud: profile.audiences,
      iat: 1_800_000_000,
      exp: 1_800_000_300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      client_id: 'latchkey-web',
      scope: 'orders:read orders:write',
    });
  });

  it('carries the session and the time of authentication', () => {
    const claims = buildAccessTokenClaims(
      profile,
      { ...request, sessionId: 's', authTime: 7 },
      now,
    );
    expect(claims).toMatchObject({ sid: 's', auth_time: 7 });
  });

  it('prefers the audiences of the request to those of the profile', () => {
    const claims = buildAccessTokenClaims(profile, { ...request, audiences: ['payments'] }, now);
    expect(claims.aud).toEqual(['payments']);
  });

  describe('when the subject logged out everywhere within this second', () => {
    it('moves iat to the end of the revocation and keeps the full lifetime', () => {
      const claims = buildAccessTokenClaims(profile, { ...request, notBefore: 1_800_000_001 }, now);
      expect(claims).toMatchObject({ iat: 1_800_000_001, exp: 1_800_000_301 });
    });

    it('keeps iat if the revocation is in the past', () => {
      expect(buildAccessTokenClaims(profile, { ...request, notBefore: 5 }, now).iat).toBe(
        1_800_000_000,
      );
    });
  });

  it('expires at notAfter, if that is before the end of its lifetime', () => {
    const expiryOf = (notAfter: number) =>
      buildAccessTokenClaims(profile, { ...request, notAfter }, now).exp;
    expect(expiryOf(1_800_000_007)).toBe(1_800_000_007);
    expect(expiryOf(1_800_000_301)).toBe(1_800_000_300);
  });

  it('names the party that acts for the subject', () => {
    const actor = { sub: 'payments', act: { sub: 'orders' } };
    const claims = buildAccessTokenClaims(profile, { ...request, actor }, now);
    expect(AccessTokenClaims.parse(claims).act).toEqual(actor);
  });

  it('gives every token its own id', () => {
    const ids = Array.from({ length: 50 }, () => buildAccessTokenClaims(profile, request, now).jti);
    expect(new Set(ids).size).toBe(50);
  });
});

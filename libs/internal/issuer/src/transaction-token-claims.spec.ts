import { TransactionTokenClaims } from '@latchkey/contracts';
import { buildTransactionTokenClaims } from './transaction-token-claims.js';

const profile = {
  issuer: 'https://auth.example',
  trustDomain: 'shop.example',
  lifetimeSeconds: 60,
};
const request = { subject: 'u-1', scopes: ['orders:write'], requestingWorkloads: ['gateway'] };
const now = 1_800_000_000_900;
const UUID: unknown = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);

describe('buildTransactionTokenClaims', () => {
  it('writes the claims of the draft and no member without a value', () => {
    const claims = buildTransactionTokenClaims(profile, request, now);
    expect(TransactionTokenClaims.parse(claims)).toEqual(claims);
    expect(claims).toEqual({
      iss: 'https://auth.example',
      aud: 'shop.example',
      iat: 1_800_000_000,
      exp: 1_800_000_060,
      txn: UUID,
      jti: UUID,
      sub: 'u-1',
      scope: 'orders:write',
      req_wl: 'gateway',
    });
  });

  it('carries the session and the context', () => {
    const context = { requestContext: { req_ip: '192.0.2.7' }, details: { total: 5 } };
    const claims = buildTransactionTokenClaims(
      profile,
      { ...request, sessionId: 's', ...context },
      now,
    );
    expect(TransactionTokenClaims.parse(claims)).toMatchObject({
      sid: 's',
      rctx: { req_ip: '192.0.2.7' },
      tctx: { total: 5 },
    });
  });

  it('continues a transaction under its id, with a token id and a workload of its own', () => {
    const first = buildTransactionTokenClaims(profile, request, now);
    const requestingWorkloads = ['gateway', 'orders'];
    const second = buildTransactionTokenClaims(
      profile,
      { ...request, transactionId: first.txn, requestingWorkloads },
      now,
    );
    expect(second).toMatchObject({ txn: first.txn, req_wl: 'gateway,orders' });
    expect(second.jti).not.toBe(first.jti);
  });

  it('gives every transaction its own id', () => {
    const all = Array.from({ length: 50 }, () =>
      buildTransactionTokenClaims(profile, request, now),
    );
    expect(new Set(all.flatMap(({ txn, jti }) => [txn, jti])).size).toBe(100);
  });

  it('begins at notBefore, and ends at notAfter', () => {
    const timesOf = (more: object) => {
      const { iat, exp } = buildTransactionTokenClaims(profile, { ...request, ...more }, now);
      return [iat, exp];
    };
    expect(timesOf({ notBefore: 1_800_000_001 })).toEqual([1_800_000_001, 1_800_000_061]);
    expect(timesOf({ notBefore: 5 })).toEqual([1_800_000_000, 1_800_000_060]);
    expect(timesOf({ notAfter: 1_800_000_007 })).toEqual([1_800_000_000, 1_800_000_007]);
    expect(timesOf({ notAfter: 1_800_000_061 })).toEqual([1_800_000_000, 1_800_000_060]);
  });
});

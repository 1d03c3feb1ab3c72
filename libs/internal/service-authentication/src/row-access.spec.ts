import type { Principal } from '@latchkey/verifier';
import { AccessTokenException } from '@latchkey/verifier-nestjs';
import { RowAccessPolicy } from './row-access.js';

const callerWith = (...scopes: string[]): Principal => ({
  issuer: 'https://auth.example.com',
  subject: 'ada',
  scopes: new Set(scopes),
  expiresAt: 2_000_000_000,
});
const OWN = { userId: 'ada' };

describe('RowAccessPolicy', () => {
  const policy = new RowAccessPolicy('things:admin');
  const user = callerWith('things:read', 'other:admin');
  const admin = callerWith('things:admin');

  it('gives callers their own rows, and those with the admin scope every row', () => {
    expect(policy.accessOf(user)).toEqual(OWN);
    expect(policy.accessOf(admin)).toEqual({});
  });

  it("lists only the caller's own rows, also for an admin", () => {
    for (const caller of [user, admin]) expect(policy.listAccessOf(caller, false)).toEqual(OWN);
  });

  it("lists every user's rows only for an admin who asks for them", () => {
    expect(policy.listAccessOf(admin, true)).toEqual({});
    expect(() => policy.listAccessOf(user, true)).toThrow(AccessTokenException);
  });
});

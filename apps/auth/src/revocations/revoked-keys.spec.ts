import { mergedRevokedKeys, MAX_REVOKED_KEYS, type RevokedKeys } from './revoked-keys.js';

const keys = (from: number, count: number): RevokedKeys =>
  Array.from({ length: count }, (_, index) => ({ keyId: `k${from + index}`, expiresAt: 1 }));

describe('mergedRevokedKeys', () => {
  it('names each key once', () => {
    expect(mergedRevokedKeys(keys(1, 2), keys(2, 3))).toEqual(keys(1, 4));
    expect(mergedRevokedKeys([], [])).toEqual([]);
  });

  it('drops only earlier keys if there is no room', () => {
    const named = mergedRevokedKeys(keys(1, 10), keys(100, 60));
    expect(named).toHaveLength(MAX_REVOKED_KEYS);
    expect(named.slice(0, 10)).toEqual(keys(1, 10));
    expect(mergedRevokedKeys(keys(1, 60), keys(100, 10))).toEqual(keys(1, 60));
  });
});

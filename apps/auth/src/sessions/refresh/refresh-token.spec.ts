import {
  familyOf,
  hashRefreshToken,
  isRefreshToken,
  newRefreshToken,
  openSuccessor,
  sealSuccessor,
} from './refresh-token.js';

describe('newRefreshToken', () => {
  const first = newRefreshToken();
  const family = familyOf(first)!;

  it('adds 256 random bits to its family', () => {
    const tokens = Array.from({ length: 100 }, () => newRefreshToken(family));
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) {
      expect(token.startsWith(family)).toBe(true);
      expect(Buffer.from(token.slice(family.length), 'base64url')).toHaveLength(32);
    }
  });

  it('starts a new random family by default', () => {
    const families = Array.from({ length: 100 }, () => familyOf(newRefreshToken())!);
    expect(new Set(families).size).toBe(100);
    for (const one of families) expect(Buffer.from(one, 'base64url')).toHaveLength(18);
  });

  it('keeps the given family', () => {
    expect(familyOf(newRefreshToken(family))).toBe(family);
  });
});

describe('familyOf', () => {
  const token = newRefreshToken();

  it('is undefined for a valid token from before families', () => {
    expect([token, token.slice(-43)].map(isRefreshToken)).toEqual([true, true]);
    expect(familyOf(token.slice(-43))).toBeUndefined();
  });

  it.each([
    ['the empty string', ''],
    ['a family alone', familyOf(token)!],
    ['a token that was cut short', token.slice(0, -1)],
    ['a token with something after it', `${token}=`],
    ['a token between blanks', ` ${token.slice(2)} `],
    ['a token in another alphabet', `${token.slice(0, -1)}+`],
  ])('is undefined for %s, which is not a refresh token', (_, text) => {
    expect(familyOf(text)).toBeUndefined();
    expect(isRefreshToken(text)).toBe(false);
  });
});

describe('sealSuccessor', () => {
  const [parent, successor] = [newRefreshToken(), newRefreshToken()];

  it('can be opened with the parent', () => {
    expect(openSuccessor(parent, sealSuccessor(parent, successor))).toBe(successor);
  });

  it('cannot be opened with anything that the database holds', () => {
    const sealed = sealSuccessor(parent, successor);
    const hash = hashRefreshToken(parent);
    for (const key of [hash.toString('hex'), hash.toString('base64url'), hash.toString('latin1')])
      expect(() => openSuccessor(key, sealed)).toThrow();
    expect(sealed.toString('latin1')).not.toContain(successor);
  });

  it('detects a change of any byte', () => {
    const sealed = sealSuccessor(parent, successor);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      expect(() => openSuccessor(parent, changed)).toThrow();
    }
  });

  it('never encrypts to the same bytes twice', () => {
    expect(sealSuccessor(parent, successor)).not.toEqual(sealSuccessor(parent, successor));
  });
});

import {
  hashRefreshToken,
  newRefreshToken,
  openSuccessor,
  sealSuccessor,
} from './refresh-token.js';

describe('newRefreshToken', () => {
  it('has 256 bits and is never the same', () => {
    const tokens = Array.from({ length: 100 }, newRefreshToken);
    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  });
});

describe('sealSuccessor', () => {
  const [parent, successor] = [newRefreshToken(), newRefreshToken()];

  it('is opened by the parent', () => {
    expect(openSuccessor(parent, sealSuccessor(parent, successor))).toBe(successor);
  });

  it('is opened by nothing that the database holds', () => {
    const sealed = sealSuccessor(parent, successor);
    const hash = hashRefreshToken(parent);
    for (const key of [hash.toString('hex'), hash.toString('base64url'), hash.toString('latin1')])
      expect(() => openSuccessor(key, sealed)).toThrow();
    expect(sealed.toString('latin1')).not.toContain(successor);
  });

  it('notices any change', () => {
    const sealed = sealSuccessor(parent, successor);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      expect(() => openSuccessor(parent, changed)).toThrow();
    }
  });

  it('differs each time', () => {
    expect(sealSuccessor(parent, successor)).not.toEqual(sealSuccessor(parent, successor));
  });
});

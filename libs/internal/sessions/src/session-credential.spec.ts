import {
  csrfTokenOf,
  digestOf,
  formatCredential,
  isCsrfToken,
  matches,
  newCredential,
  parseCredential,
} from './session-credential.js';

describe('a session credential', () => {
  it('has 256 random bits, and fits into a cookie', () => {
    const credential = newCredential('a-session');
    expect(Buffer.from(credential.secret, 'base64url')).toHaveLength(32);
    expect(newCredential('a-session').secret).not.toBe(credential.secret);
    expect(formatCredential(credential)).toMatch(/^[\w.-]+$/);
    expect(parseCredential(formatCredential(credential))).toEqual(credential);
  });

  const { secret } = newCredential('s');
  it.each([
    '',
    '.',
    's',
    `s.${secret}x`,
    `s.${secret.slice(1)}`,
    `.${secret}`,
    `s..${secret}`,
    `s.${secret} `,
    ` s.${secret}`,
    `s.${secret}\n`,
    `s:1.${secret}`,
    `s*.${secret}`,
    `${'s'.repeat(65)}.${secret}`,
    `s.${secret.slice(0, 42)}+`,
  ])('cannot be parsed from %j', (text) => expect(parseCredential(text)).toBeUndefined());

  it('matches the digest of its own secret only', () => {
    expect(matches(secret, digestOf(secret))).toBe(true);
    expect(matches(newCredential('s').secret, digestOf(secret))).toBe(false);
    expect(matches(secret, digestOf(secret).subarray(1))).toBe(false);
    expect(matches(secret, new Uint8Array())).toBe(false);
  });

  it('does not match another spelling of the same bytes', () => {
    // The last base64url character of 32 bytes has two unused bits.
    const last = secret.at(-1)!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = secret.slice(0, -1) + alphabet[alphabet.indexOf(last) ^ 1]!;
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(secret, 'base64url'));
    expect(matches(twin, digestOf(secret))).toBe(false);
  });
});

describe('a CSRF token', () => {
  const one = formatCredential(newCredential('s'));
  const other = formatCredential(newCredential('s'));

  it('is valid for one credential only', () => {
    expect(isCsrfToken(csrfTokenOf(one), one)).toBe(true);
    expect(isCsrfToken(csrfTokenOf(other), one)).toBe(false);
    for (const token of ['', one, `${csrfTokenOf(one)}A`])
      expect(isCsrfToken(token, one)).toBe(false);
  });

  it('does not reveal the credential', () => {
    expect(csrfTokenOf(one)).not.toContain(one.slice(-43));
    expect(csrfTokenOf(one)).toMatch(/^[\w-]{43}$/);
  });
});

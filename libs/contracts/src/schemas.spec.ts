import {
  ClientId,
  KeyId,
  LoginRequest,
  RegisterRequest,
  PresentedSessionId,
} from './auth-api/index.js';
import { AccessTokenClaims } from './access-token.js';
import { REVOCATION_TRIGGERS } from './revocation-trigger.js';
import { Revocation, RevocationIdentifier } from './revocation.js';

const accepts = (schema: { safeParse(input: unknown): { success: boolean } }, input: unknown) =>
  schema.safeParse(input).success;

describe('RegisterRequest', () => {
  const register = (more: object = {}) => ({ username: 'ada', password: 'correct horse', ...more });

  it.each([
    ['of 8 bytes', '12345678'],
    ['of 1024 bytes', 'x'.repeat(1024)],
    ['of 8 bytes in 2 characters', '🐎🐎'],
    ['of spaces', ' '.repeat(8)],
  ])('accepts a password %s', (_, password) => {
    expect(RegisterRequest.parse(register({ password })).password).toBe(password);
  });

  it.each([
    ['of 7 bytes', '1234567'],
    ['of 1025 bytes', 'x'.repeat(1025)],
    ['of 1026 bytes in 342 characters', '€'.repeat(342)],
    ['with a lone surrogate', 'abcdefgh\ud800'],
    ['that is not a string', 12_345_678],
  ])('refuses a password %s', (_, password) => {
    expect(accepts(RegisterRequest, register({ password }))).toBe(false);
  });

  it('maps usernames that differ only in case or width to one', () => {
    const names = ['Ada', 'ADA', 'Ａｄａ'];
    const parsed = names.map((username) => RegisterRequest.parse(register({ username })).username);
    expect(new Set(parsed)).toEqual(new Set(['ada']));
  });

  it.each(['ab', '.ada', 'a da', 'ada\n', 'ada\u0000', 'a'.repeat(255), '', 42, null])(
    'refuses %j as a username',
    (username) => {
      expect(accepts(RegisterRequest, register({ username }))).toBe(false);
    },
  );

  it('refuses unknown members', () => {
    expect(accepts(RegisterRequest, register({ scope: 'auth:admin' }))).toBe(false);
  });
});

describe('LoginRequest', () => {
  it('checks only the maximum size of the password, so that it reveals no other rule', () => {
    const login = (password: string) => ({ username: 'ada', password });
    expect(accepts(LoginRequest, login('x'))).toBe(true);
    expect(accepts(LoginRequest, login('x'.repeat(1025)))).toBe(false);
  });
});

describe('AccessTokenClaims', () => {
  const claims = (more: object = {}) => ({
    iss: 'https://issuer.test',
    sub: 'ada',
    aud: 'orders',
    exp: 1_800_000_300,
    iat: 1_800_000_000,
    jti: 't1',
    client_id: 'web',
    scope: '',
    ...more,
  });

  it('accepts a chain of actors', () => {
    const act = { sub: 'orders', client_id: 'orders', act: { sub: 'inventory' } };
    expect(AccessTokenClaims.parse(claims({ act })).act).toEqual(act);
  });

  it.each([
    { exp: Infinity },
    { exp: 1.5 },
    { iat: -1 },
    { aud: [] },
    { sub: '' },
    { act: { client_id: 'orders' } },
    { admin: true },
  ])('refuses %j', (wrong) => {
    expect(accepts(AccessTokenClaims, claims(wrong))).toBe(false);
  });
});

describe('Revocation', () => {
  const common = {
    id: '0197a2b0-0000-7000-8000-000000000000',
    issuer: 'https://issuer.test',
    revokedAt: 1,
    expiresAt: 2,
    trigger: 'logout',
  };

  it('has a schema for each kind of revocation', () => {
    const targets = { sessionId: 's', subject: 'ada', before: 1, clientId: 'c', tokenId: 't' };
    const wanted: Record<string, (keyof typeof targets | 'keyId')[]> = {
      session: ['sessionId'],
      subject: ['subject', 'before'],
      client: ['clientId', 'before'],
      token: ['tokenId'],
      key: ['keyId'],
    };
    for (const kind of new Set(Object.values(REVOCATION_TRIGGERS))) {
      const all: Record<string, unknown> = { ...targets, keyId: 'k' };
      const target = Object.fromEntries(wanted[kind]!.map((name) => [name, all[name]]));
      expect(accepts(Revocation, { ...common, kind, ...target })).toBe(true);
      expect(accepts(Revocation, { ...common, kind })).toBe(false);
    }
  });

  it.each([
    ['a client', ClientId, 'c'.repeat(64)],
    ['a key', KeyId, 'k'.repeat(64)],
    ['a session, a user or a token', PresentedSessionId, common.id],
  ])(
    'can identify %s with the longest identifier that the auth service accepts',
    (_, schema, longest) => {
      expect(accepts(schema, longest)).toBe(true);
      expect(accepts(schema, `${longest}x`)).toBe(false);
      expect(accepts(RevocationIdentifier, longest)).toBe(true);
    },
  );

  it.each([
    { kind: 'everything' },
    { kind: 'session', sessionId: 's', before: 1 },
    { kind: 'subject', subject: 'ada', before: 0.5 },
    { kind: 'token', tokenId: 't', expiresAt: -1 },
    { kind: 'token', tokenId: 't', id: 'a.>' },
  ])('refuses %j', (wrong) => {
    expect(accepts(Revocation, { ...common, ...wrong })).toBe(false);
  });
});

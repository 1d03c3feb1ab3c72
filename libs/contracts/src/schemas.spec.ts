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

const admits = (schema: { safeParse(input: unknown): { success: boolean } }, input: unknown) =>
  schema.safeParse(input).success;

describe('RegisterRequest', () => {
  const register = (more: object = {}) => ({ username: 'ada', password: 'correct horse', ...more });

  it.each([
    ['of 8 bytes', '12345678'],
    ['of 1024 bytes', 'x'.repeat(1024)],
    ['of 8 bytes in 2 characters', '🐎🐎'],
    ['of spaces', ' '.repeat(8)],
  ])('admits a password %s', (_, password) => {
    expect(RegisterRequest.parse(register({ password })).password).toBe(password);
  });

  it.each([
    ['of 7 bytes', '1234567'],
    ['of 1025 bytes', 'x'.repeat(1025)],
    ['of 1026 bytes in 342 characters', '€'.repeat(342)],
    ['with a lone surrogate', 'abcdefgh\ud800'],
    ['that is no text', 12_345_678],
  ])('refuses a password %s', (_, password) => {
    expect(admits(RegisterRequest, register({ password }))).toBe(false);
  });

  it('takes names that differ in case or in width for one name', () => {
    const names = ['Ada', 'ADA', 'Ａｄａ'];
    const parsed = names.map((username) => RegisterRequest.parse(register({ username })).username);
    expect(new Set(parsed)).toEqual(new Set(['ada']));
  });

  it.each(['ab', '.ada', 'a da', 'ada\n', 'ada\u0000', 'a'.repeat(255), '', 42, null])(
    'refuses %j as a name',
    (username) => {
      expect(admits(RegisterRequest, register({ username }))).toBe(false);
    },
  );

  it('refuses unknown members', () => {
    expect(admits(RegisterRequest, register({ scope: 'auth:admin' }))).toBe(false);
  });
});

describe('LoginRequest', () => {
  it('tells no rule about passwords but the largest size', () => {
    const login = (password: string) => ({ username: 'ada', password });
    expect(admits(LoginRequest, login('x'))).toBe(true);
    expect(admits(LoginRequest, login('x'.repeat(1025)))).toBe(false);
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

  it('admits a chain of actors', () => {
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
    expect(admits(AccessTokenClaims, claims(wrong))).toBe(false);
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

  it('has a schema for every kind that a trigger leads to', () => {
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
      expect(admits(Revocation, { ...common, kind, ...target })).toBe(true);
      expect(admits(Revocation, { ...common, kind })).toBe(false);
    }
  });

  it.each([
    ['a client', ClientId, 'c'.repeat(64)],
    ['a key', KeyId, 'k'.repeat(64)],
    ['a session, a user or a token', PresentedSessionId, common.id],
  ])('can name %s that the auth service lets in', (_, schema, longest) => {
    expect(admits(schema, longest)).toBe(true);
    expect(admits(schema, `${longest}x`)).toBe(false);
    expect(admits(RevocationIdentifier, longest)).toBe(true);
  });

  it.each([
    { kind: 'everything' },
    { kind: 'session', sessionId: 's', before: 1 },
    { kind: 'subject', subject: 'ada', before: 0.5 },
    { kind: 'token', tokenId: 't', expiresAt: -1 },
    { kind: 'token', tokenId: 't', id: 'a.>' },
  ])('refuses %j', (wrong) => {
    expect(admits(Revocation, { ...common, ...wrong })).toBe(false);
  });
});

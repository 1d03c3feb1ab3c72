import { documentedCallers } from './documented-callers.js';

const ISSUER = 'https://auth.example.com';

describe('documentedCallers', () => {
  it.each([
    ['jwt', false, { bearer: true }],
    ['jwt', true, { bearer: true, tokenCookie: '__Host-access-token' }],
    ['session', false, { bearer: false, sessionCookie: '__Host-session' }],
    [
      'both',
      true,
      { bearer: true, sessionCookie: '__Host-session', tokenCookie: '__Host-access-token' },
    ],
  ] as const)(
    'lists the credentials for AUTH_MODE %s and ACCESS_TOKEN_COOKIE %s',
    (mode, cookie, callers) => {
      const config = { ISSUER, ACCESS_TOKEN_COOKIE: cookie };
      expect(documentedCallers(config, mode)).toMatchObject(callers);
      expect(Object.keys(documentedCallers(config, mode)).sort()).toEqual(
        ['anonymous', ...Object.keys(callers)].sort(),
      );
    },
  );

  it.each([
    ['jwt', 'missing_token'],
    ['session', 'missing_session'],
    ['both', 'missing_token'],
  ] as const)('says what AUTH_MODE %s answers to a request without credentials', (mode, code) => {
    const { anonymous } = documentedCallers({ ISSUER, ACCESS_TOKEN_COOKIE: false }, mode);
    expect(anonymous).toMatchObject({ status: 401, code });
  });

  it('uses the development names of cookies on plain HTTP', () => {
    const config = {
      ISSUER,
      SESSION_ORIGINS: ['http://localhost:4000'],
      ACCESS_TOKEN_COOKIE: true,
    };
    expect(documentedCallers(config, 'both')).toMatchObject({
      sessionCookie: 'session-development',
      tokenCookie: 'access-token-development',
    });
  });
});

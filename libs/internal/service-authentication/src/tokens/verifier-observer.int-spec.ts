import { startService, type RunningService } from '@latchkey/service-kit';
import { TestAuthority, waitFor } from '@latchkey/testing';
import { Verifier } from '@latchkey/verifier';
import { TokenAuthenticationModule, type TokenConfig } from './token-authentication.module.js';

type Line = Readonly<Record<string, unknown>>;
type Wrong = (authority: TestAuthority) => Partial<TokenConfig>;

const WARN = 40;
const CASES: [string, Wrong, string | RegExp, RegExp][] = [
  [
    'audience',
    () => ({ AUDIENCE: 'payments' }),
    'wrong_audience',
    /its aud does not contain payments\. Check the option `audience`/,
  ],
  [
    'issuer',
    ({ keySet }) => ({ ISSUER: 'https://other.test', JWKS_URL: keySet.url }),
    'untrusted_issuer',
    /its iss is not https:\/\/other\.test\. Compare/,
  ],
  [
    'address of the key set',
    () => ({ JWKS_URL: 'http://127.0.0.1:1/jwks.json' }),
    /^no_key_set /,
    /The key set of .* could not be loaded: .*\. Check the option `jwksUri`/,
  ],
  [
    'password of NATS',
    () => ({ NATS_PASSWORD: 'wrong' }),
    'AuthorizationError',
    /Cannot receive revocations from NATS: .*\. Check the user and the password/,
  ],
];

describe('a service with the wrong', () => {
  let authority: TestAuthority;
  let service: RunningService;
  let log: string;

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
  });
  afterEach(() => service.close());
  afterAll(() => authority.close());

  const start = async (wrong: Partial<TokenConfig>) => {
    const { servers, user, pass } = authority.nats.credentials('orders');
    const config: TokenConfig = {
      ISSUER: authority.issuer.issuer,
      AUDIENCE: 'orders',
      CALL_TOKENS: 'exchange',
      JWKS_COOLDOWN_SECONDS: 30,
      WHEN_STALE: 'accept',
      MAX_STALENESS_SECONDS: 5,
      CACHED_TOKENS: 0,
      NATS_URL: servers,
      NATS_USER: user,
      NATS_PASSWORD: pass,
      ...wrong,
    };
    log = '';
    service = await startService({
      name: 'orders',
      module: TokenAuthenticationModule.forRoot(config),
      host: '127.0.0.1',
      port: 0,
      logLevel: 'info',
      openApi: { title: 'Orders', description: 'For tests' },
      handleSignals: false,
      logDestination: { write: (line) => void (log += line) },
    });
  };
  /** Lines of the log that say what to check. The feed, which uses the same keys, may have noticed as well. */
  const warnings = () =>
    log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line)
      .filter(
        ({ reason, suppressed }) =>
          reason !== undefined && reason !== 'keys' && suppressed !== undefined,
      );

  it.each(CASES)('%s logs one warning, without the token', async (_, wrong, reason, message) => {
    await start(wrong(authority));
    const token = await authority.issuer.makeToken();
    const present = () =>
      service.app
        .get(Verifier)
        .verify(token)
        .catch(() => undefined);
    await waitFor(async () => {
      await present();
      return warnings().length > 0;
    });
    for (let more = 0; more < 5; more++) await present();
    expect(warnings()).toEqual([
      expect.objectContaining({
        level: WARN,
        reason: expect.stringMatching(reason),
        msg: expect.stringMatching(message),
        suppressed: 0,
      }),
    ]);
    for (const part of token.split('.')) expect(log).not.toContain(part);
  });
});

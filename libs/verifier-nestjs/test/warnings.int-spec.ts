import { startJwksServer, TestAuthority, waitFor, type JwksServer } from '@latchkey/testing';
import { Verifier, type Warning } from '@latchkey/verifier';
import { Module, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { VerifierModule, type VerifierModuleOptions } from '../src/index.js';

type Wrong = (authority: TestAuthority, other: JwksServer) => Partial<VerifierModuleOptions>;
const audience = 'orders';

const CASES: [string, Wrong, RegExp][] = [
  [
    'a jwksUri that answers 404',
    (_, other) => {
      other.behave('missing');
      return { jwksUri: other.url };
    },
    /key set of .* could not be loaded: the JWKS endpoint responded with 404\. Check the option `jwksUri`/,
  ],
  [
    'a jwksUri that is not a key set',
    (_, other) => {
      other.behave('garbage');
      return { jwksUri: other.url };
    },
    /the response is not JSON \(content-type "application\/json"\)\. Check the option `jwksUri`/,
  ],
  [
    'a jwksUri with a password and an unreachable host',
    () => ({ jwksUri: 'http://somebody:secret@127.0.0.1:1/jwks.json?key=secret' }),
    /key set of .* at http:\/\/127\.0\.0\.1:1\/jwks\.json could not be loaded: .+\. Check/,
  ],
  [
    'a jwksUri whose server does not speak TLS',
    (_, other) => ({ jwksUri: other.url.replace('http:', 'https:') }),
    /key set of .* at https:.* could not be loaded: fetch failed: .+\. Check the option `jwksUri`/,
  ],
  [
    'the key set of another issuer',
    (_, other) => ({ jwksUri: other.url }),
    /no usable key|does not contain its kid/,
  ],
  [
    'a wrong audience',
    () => ({ audience: 'payments' }),
    /its aud does not contain payments\. Check/,
  ],
  [
    'a wrong issuer',
    ({ keySet }) => ({ issuer: 'https://issuer.test', jwksUri: keySet.url }),
    /its iss is not https:\/\/issuer\.test\. Compare/,
  ],
  [
    'a wrong clock',
    () => ({ now: () => Date.now() - 90_000 }),
    /not valid yet by this machine's clock\. Synchronize/,
  ],
  [
    'a wrong NATS password',
    ({ nats }) => ({
      feed: { servers: nats.url, user: 'orders', password: 'wrong' },
      whenStale: 'refuse',
    }),
    /Cannot receive revocations from NATS: .*Authorization.*\. Check the user and the password/i,
  ],
];

describe('a verifier that is configured with', () => {
  let authority: TestAuthority;
  let other: JwksServer;

  beforeAll(async () => {
    authority = await TestAuthority.start(audience);
    other = await startJwksServer();
  });
  afterEach(() => other.behave('ok'));
  afterAll(async () => {
    await other.close();
    await authority.close();
  });

  const optionsOf = (wrong: Wrong) => {
    const options = wrong(authority, other);
    return {
      issuer: authority.issuer.issuer,
      audience,
      ...('feed' in options ? {} : { revocations: 'ignore' }),
      ...options,
    } as VerifierModuleOptions;
  };

  /** Starts an application, and presents a token of the issuer repeatedly. */
  async function present(
    options: VerifierModuleOptions,
    logger: LoggerService,
    done: () => boolean,
  ) {
    @Module({ imports: [VerifierModule.forRoot(options)] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger });
    const token = await authority.issuer.makeToken();
    const ask = () =>
      app
        .get(Verifier)
        .verify(token)
        .catch(() => undefined);
    await waitFor(async () => {
      await ask();
      return done();
    });
    for (let more = 0; more < 5; more++) await ask();
    await app.close();
    return token;
  }

  it.each(CASES)("%s logs one line with Nest's logger", async (_, wrong, expected) => {
    const lines: string[] = [];
    const warn = (message: unknown) => lines.push(String(message));
    const logger = { log: () => undefined, error: warn, warn } as unknown as LoggerService;
    const token = await present(optionsOf(wrong), logger, () => lines.length > 0);
    expect(lines).toEqual([expect.stringMatching(expected)]);
    expect(lines.join()).not.toContain(token.split('.')[2]);
    expect(lines.join()).not.toContain('secret');
  });

  it.each(CASES)('%s calls onWarning instead', async (_, wrong, expected) => {
    const warnings: Warning[] = [];
    const lines: unknown[] = [];
    const warn = (message: unknown) => lines.push(message);
    const logger = { log: () => undefined, error: warn, warn } as unknown as LoggerService;
    const options = {
      ...optionsOf(wrong),
      onWarning: (warning: Warning) => warnings.push(warning),
    };
    await present(options, logger, () => warnings.length > 0);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringMatching(expected)]);
    expect(lines).toEqual([]);
  });
});

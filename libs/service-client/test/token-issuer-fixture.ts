import { TOKEN_EXCHANGE_GRANT, ACCESS_TOKEN_TYPE_URI } from '@latchkey/contracts/auth-api';
import { DenyList } from '@latchkey/deny-list';
import { makeIssuer, type TestIssuer, type TokenOverrides } from '@latchkey/testing';
import { createVerifier, type TokenPrincipal, type Verifier } from '@latchkey/verifier';
import { decodeJwt } from 'jose';
import { randomUUID } from 'node:crypto';
import { TestServer, type Received, type Reply } from './test-server.js';
import {
  createServiceTokens,
  type ServiceTokenEvent,
  type ServiceTokens,
  type ServiceTokensOptions,
} from '../src/index.js';

export const CLIENT = 'orders';
export const SECRET = 'a secret that no error contains';

/** A clock of a test, which it moves. */
export class TestClock {
  offset = 0;
  monotonicOffset = 0;

  readonly now = () => Date.now() + this.offset;
  readonly monotonicNow = () => performance.now() + this.monotonicOffset;

  /** Lets time pass. */
  pass(seconds: number): void {
    this.offset += seconds * 1000;
    this.monotonicOffset += seconds * 1000;
  }
}

/** An authorization server whose tokens are real, with everything that a service needs to call others. */
export class TokenIssuerFixture {
  readonly clock = new TestClock();
  denyList = this.#emptyDenyList();
  readonly events: ServiceTokenEvent[] = [];
  /** Lifetime of the tokens that it issues. */
  lifetimeSeconds = 300;
  /** Replaces the answer of the token endpoint. */
  reply:
    | ((form: URLSearchParams, request: Received) => Reply | Promise<Reply | undefined> | undefined)
    | undefined;
  readonly #open: ServiceTokens[] = [];

  private constructor(
    readonly server: TestServer,
    readonly issuer: TestIssuer,
    readonly verifier: Verifier,
  ) {
    server.answer = (request) => this.#answer(request);
  }

  static async start(): Promise<TokenIssuerFixture> {
    const server = await TestServer.start();
    const issuer = await makeIssuer({ issuer: server.url, audience: CLIENT });
    const verifier = createVerifier({
      issuer: server.url,
      audience: CLIENT,
      keys: () => Promise.resolve(issuer.jwks()),
      revocations: 'ignore',
      clockToleranceSeconds: 1_000_000,
      maxLifetimeSeconds: 1_000_000,
    });
    return new TokenIssuerFixture(server, issuer, verifier);
  }

  async close(): Promise<void> {
    for (const tokens of this.#open) tokens.close();
    await this.server.close();
  }

  /** Requests of the token endpoint. */
  get requests(): readonly URLSearchParams[] {
    return this.server.received
      .filter(({ path }) => path === '/token')
      .map(({ body }) => new URLSearchParams(body));
  }

  /** Forgets what a test before has left. */
  reset(): void {
    this.denyList = this.#emptyDenyList();
    this.server.received.length = 0;
    this.events.length = 0;
    this.reply = undefined;
    this.lifetimeSeconds = 300;
    this.clock.offset = 0;
    this.clock.monotonicOffset = 0;
  }

  tokens(more: Partial<ServiceTokensOptions> = {}): ServiceTokens {
    const tokens = createServiceTokens({
      issuer: this.server.url,
      clientId: CLIENT,
      authentication: { clientSecret: SECRET },
      revocations: this.denyList,
      onEvent: (event) => this.events.push(event),
      now: this.clock.now,
      monotonicNow: this.clock.monotonicNow,
      ...more,
    });
    this.#open.push(tokens);
    return tokens;
  }

  /** Logs a user in, and returns the principal of the token, as a guard would. */
  async principal(overrides: TokenOverrides = {}): Promise<TokenPrincipal> {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const expiresAt = issuedAt + 3_600;
    return this.verifier.verify(await this.issuer.makeToken({ issuedAt, expiresAt, ...overrides }));
  }

  /** Ends a session, as the feed would. */
  revokeSession(sessionId: string): void {
    this.revoke({ kind: 'session', sessionId });
  }

  revoke(what: { kind: string } & Record<string, unknown>): void {
    const now = Math.floor(this.clock.now() / 1000);
    const common = {
      id: randomUUID(),
      issuer: this.issuer.issuer,
      revokedAt: now,
      trigger: 'logout',
    };
    const revocation = { ...common, expiresAt: now + 100_000, ...what };
    this.denyList.apply(revocation as unknown as Parameters<DenyList['apply']>[0]);
  }

  /** A good answer to a request, which a test may change. */
  async issue(
    form: URLSearchParams,
    claims: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const isExchange = form.get('grant_type') === TOKEN_EXCHANGE_GRANT;
    const subject = isExchange ? decodeJwt(form.get('subject_token')!) : {};
    const scope = form.get('scope') ?? 'everything';
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const expiresAt = Math.min(issuedAt + this.lifetimeSeconds, subject.exp ?? Infinity);
    const token = await this.issuer.makeToken({
      issuedAt,
      expiresAt,
      scope,
      audience: [form.get('audience') ?? ''],
      subject: subject.sub ?? CLIENT,
      claims: {
        client_id: CLIENT,
        sid: subject['sid'],
        auth_time: subject['auth_time'],
        ...(isExchange && { act: { sub: CLIENT } }),
        ...claims,
      },
    });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresAt - issuedAt,
      scope,
      ...(isExchange && { issued_token_type: ACCESS_TOKEN_TYPE_URI }),
    };
  }

  #emptyDenyList(): DenyList {
    const { now, monotonicNow } = this.clock;
    return new DenyList({ now, monotonicNow });
  }

  async #answer(request: Received): Promise<Reply> {
    if (request.path === '/.well-known/oauth-authorization-server')
      return { body: { issuer: this.server.url, token_endpoint: `${this.server.url}/token` } };
    if (request.path !== '/token') return { status: 404 };
    const form = new URLSearchParams(request.body);
    return (await this.reply?.(form, request)) ?? { body: await this.issue(form) };
  }
}

/** Runs an authorization server for the tests of the surrounding `describe` block. */
export function useTokenIssuer(): { readonly current: TokenIssuerFixture } {
  let current: TokenIssuerFixture;
  beforeAll(async () => {
    current = await TokenIssuerFixture.start();
  });
  afterEach(() => current.reset());
  afterAll(() => current.close());
  return {
    get current() {
      return current;
    },
  };
}

export const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: { code?: unknown; reason?: unknown }) => error.code ?? error.reason ?? error,
  );

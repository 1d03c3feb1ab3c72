import type { TokenPrincipal } from '@latchkey/verifier';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { TokenIssuerFixture } from './token-issuer-fixture.js';
import { ServiceTokenError, type ServiceTokens } from '../src/index.js';

const USERS = ['ada', 'eve'];
const AUDIENCES = ['inventory', 'payments'];

type Step =
  | { readonly kind: 'log in'; readonly user: number }
  | { readonly kind: 'log out'; readonly session: number }
  | {
      readonly kind: 'call';
      readonly session: number;
      readonly audience: number;
      readonly times: number;
    }
  | { readonly kind: 'time passes'; readonly seconds: number }
  | { readonly kind: 'clock is set'; readonly seconds: number }
  | { readonly kind: 'wait' };

const index = fc.nat({ max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('log in' as const), user: fc.nat({ max: 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('log out' as const), session: index }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      session: index,
      audience: fc.nat({ max: 1 }),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('time passes' as const),
      seconds: fc.integer({ min: 1, max: 400 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clock is set' as const),
      seconds: fc.integer({ min: -600, max: 600 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'wait' as const }) },
);

/** One run: users log in and out, services call, and clocks are set, all at the same time. */
class Run {
  readonly #tokens: ServiceTokens;
  readonly #sessions: TokenPrincipal[] = [];
  readonly #ended = new Set<string>();
  readonly #calls: Promise<void>[] = [];
  readonly #asked = new Map<string, number>();

  constructor(private readonly issuer: TokenIssuerFixture) {
    issuer.reset();
    this.#tokens = issuer.tokens({ maxEntries: 5 });
    issuer.reply = async (form) => {
      const key = `${form.get('subject_token')} ${form.get('audience')}`;
      const count = (this.#asked.get(key) ?? 0) + 1;
      this.#asked.set(key, count);
      expect(count).toBe(1);
      const body = await issuer.issue(form);
      this.#asked.set(key, 0);
      return { body };
    };
  }

  async take(steps: readonly Step[]): Promise<void> {
    for (const each of steps) await this.#take(each);
    await Promise.all(this.#calls);
    this.#tokens.close();
    expect(this.#tokens.status().entries).toBe(0);
  }

  async #take(step: Step): Promise<void> {
    const { clock } = this.issuer;
    switch (step.kind) {
      case 'log in':
        this.#sessions.push(await this.issuer.principal({ subject: USERS[step.user]! }));
        break;
      case 'log out': {
        const session = this.#session(step.session)?.sessionId;
        if (session === undefined) break;
        this.issuer.revokeSession(session);
        this.#ended.add(session);
        break;
      }
      case 'call':
        for (let time = 0; time < step.times; time++)
          this.#calls.push(this.#call(step.session, AUDIENCES[step.audience]!));
        break;
      case 'time passes':
        clock.pass(step.seconds);
        break;
      case 'clock is set':
        clock.offset += step.seconds * 1000;
        break;
      case 'wait':
        await Promise.all(this.#calls.splice(0));
    }
  }

  #session(number: number): TokenPrincipal | undefined {
    return this.#sessions[number % this.#sessions.length];
  }

  async #call(number: number, audience: string): Promise<void> {
    const principal = this.#session(number);
    if (!principal) return;
    const hadEnded = this.#ended.has(principal.sessionId!);
    let token: string;
    try {
      token = await this.#tokens.onBehalfOf(principal, audience, 'a');
    } catch (error) {
      // A session that lives gets a token, unless its own token has expired by now.
      expect(error).toBeInstanceOf(ServiceTokenError);
      const { code } = error as ServiceTokenError;
      expect(['revoked', 'expired', 'invalid_response']).toContain(code);
      if (code === 'revoked') expect(this.#ended.has(principal.sessionId!)).toBe(true);
      return;
    }
    expect(hadEnded).toBe(false);
    expect(decodeJwt(token)).toMatchObject({
      sub: principal.subject,
      sid: principal.sessionId,
      aud: [audience],
      scope: 'a',
    });
  }
}

describe('in any sequence of log-ins, log-outs, calls and times', () => {
  let issuer: TokenIssuerFixture;
  beforeAll(async () => (issuer = await TokenIssuerFixture.start()));
  afterAll(() => issuer.close());

  it('a call gets a token of its own session or none, and never asks twice at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) =>
        new Run(issuer).take([{ kind: 'log in', user: 0 }, { kind: 'log in', user: 1 }, ...steps]),
      ),
      { numRuns: 60 },
    );
  });
});

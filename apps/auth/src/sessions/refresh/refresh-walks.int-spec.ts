import { refreshCookieOf, type Answer } from '../../../test/auth-fixture.js';
import { useAuth } from '../../../test/auth-testbed.js';
import { Choices, RefreshWalk } from '../../../test/refresh-walk-fixture.js';

const ada = 'ada';
/** The default grace period, in seconds. */
const GRACE = 10;
/** Those that have found faults, and a few more. */
const SEEDS = { honest: [72, 1, 2], stolen: [15, 79, 107, 119, 1, 2, 3, 4] };
/** Walks at the same time. */
const WALKERS = 4;

/** A browser with tabs that share a cookie, and a network that delays, reorders and loses. */
class HonestBrowser {
  readonly #events: { readonly at: number; readonly happen: () => Promise<void> | void }[] = [];
  readonly #history: string[] = [];
  #cookie: string;

  constructor(
    private readonly walk: RefreshWalk,
    private readonly choices: Choices,
  ) {
    this.#cookie = walk.first;
  }

  /** @throws Error with what happened, if a refresh is refused */
  async live(rounds: number): Promise<void> {
    const { choices } = this;
    for (let round = 0, at = 0; round < rounds; round += 1) {
      at += choices.of([0.5, 3, 9, 9.9, 10.2, 11, 16, 20.2, 210]) * (0.9 + choices.below(0.2));
      const within = choices.of([0.01, 1, 10]);
      for (let tabs = choices.of([1, 1, 2, 5, 20]); tabs > 0; tabs -= 1)
        this.#plan(at + choices.below(within), () => this.#send());
    }
    for (let event = this.#events.shift(); event; event = this.#events.shift()) {
      await this.walk.goTo(event.at);
      await event.happen();
    }
  }

  #plan(at: number, happen: () => Promise<void> | void): void {
    const index = this.#events.findIndex((event) => event.at > at);
    this.#events.splice(index < 0 ? this.#events.length : index, 0, { at, happen });
  }

  #send(): void {
    if (this.choices.happens(0.05)) return;
    const cookie = this.#cookie;
    const sentAt = this.walk.now;
    this.#plan(sentAt + this.#delay(), async () => {
      const answer = await this.walk.refresh(cookie, Math.floor(this.choices.below(2)));
      const next = refreshCookieOf(answer);
      this.#note(cookie, `sent at ${sentAt.toFixed(2)}: ${answer.status} ${next?.slice(-5) ?? ''}`);
      if (answer.status !== 200) throw new Error(this.#history.slice(-25).join('\n'));
      if (this.choices.happens(0.9))
        this.#plan(this.walk.now + this.#delay(), () => this.#keep(next!));
    });
  }

  #keep(cookie: string): void {
    this.#cookie = cookie;
    this.#note(cookie, 'is the cookie');
  }

  /** Often short, and at most just below half of the grace period. */
  #delay(): number {
    const longest = GRACE * 0.45;
    return this.choices.happens(0.5)
      ? this.choices.below(0.3)
      : longest - this.choices.below(this.choices.of([longest, 0.3]));
  }

  #note(cookie: string, what: string): void {
    this.#history.push(`${this.walk.now.toFixed(2)} ${cookie.slice(-5)} ${what}`);
  }
}

/** A user and a thief who use the same session in any order, each with the tokens that they got. */
class UserAndThief {
  readonly #user: string[];
  readonly #thief: string[] = [];

  constructor(
    private readonly walk: RefreshWalk,
    private readonly choices: Choices,
    private readonly withOlderRelease: boolean,
  ) {
    this.#user = [walk.first];
  }

  /** Uses tokens in any order, then each in turn, after the grace period. */
  async live(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      await this.walk.pass(this.choices.of([0, 0, 5, 9, 11, 19, 21, 300]));
      if (this.choices.happens(0.2)) this.#thief.push(this.#user.at(-1)!);
      await Promise.all(
        this.choices
          .of([[this.#user], [this.#thief], [this.#user, this.#thief]])
          .map((tokens) => this.#use(tokens)),
      );
    }
    if (this.#thief.length === 0) this.#thief.push(this.#user.at(-1)!);
    for (const tokens of [
      this.#user,
      this.#thief,
      this.#user,
      this.#thief,
      this.#user,
      this.#thief,
    ]) {
      await this.walk.pass(2 * GRACE + 1);
      await this.#use(tokens, false);
    }
  }

  /** The thief may use any of the last tokens, and the user's responses may be lost. */
  async #use(tokens: string[], isRandom = true): Promise<void> {
    const isThief = tokens === this.#thief;
    const token = isThief ? this.choices.of(tokens.slice(-3)) : tokens.at(-1);
    if (token === undefined) return;
    const next = await this.#successorOf(token, isRandom && this.withOlderRelease);
    const isLost = isRandom && !isThief && this.choices.happens(0.2);
    if (next !== undefined && !isLost) tokens.push(next);
  }

  async #successorOf(token: string, mayBeOlder: boolean): Promise<string | undefined> {
    return mayBeOlder && this.choices.happens(0.3)
      ? this.walk.refreshAtOlderRelease(token)
      : refreshCookieOf(await this.#refresh(token));
  }

  #refresh(token: string): Promise<Answer> {
    return this.walk.refresh(token, Math.floor(this.choices.below(2)));
  }
}

describe('a session, in random walks over two replicas', () => {
  const testbed = useAuth({ replicas: 2, users: [ada] });

  const walkEach = async (
    kind: keyof typeof SEEDS,
    live: (walk: RefreshWalk, choices: Choices) => Promise<string | undefined>,
  ) => {
    const seeds = [...SEEDS[kind]];
    const failures: Record<string, string> = {};
    const walker = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const failure = await live(await RefreshWalk.start(testbed, ada), new Choices(seed));
        if (failure !== undefined) failures[`seed ${seed}`] = failure;
      }
    };
    await Promise.all(Array.from({ length: WALKERS }, walker));
    expect(failures).toEqual({});
  };

  it('goes on for an honest browser, whatever its network delays, reorders and loses', async () => {
    await walkEach('honest', async (walk, choices) => {
      try {
        await new HonestBrowser(walk, choices).live(20);
      } catch (error) {
        return (error as Error).message;
      }
      return walk.ended();
    });
  });

  it.each([
    ['this release', false],
    ['the release before families as well', true],
  ])('ends once a user and a thief have both used it, with %s', async (_, withOlderRelease) => {
    await walkEach('stolen', async (walk, choices) => {
      await new UserAndThief(walk, choices, withOlderRelease).live(10);
      const trigger = await walk.ended();
      return trigger === 'refresh_token_reused' ? undefined : `ended by ${trigger}`;
    });
  });
});

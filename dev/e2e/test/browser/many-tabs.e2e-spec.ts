import { waitFor } from '@latchkey/testing';
import type { BrowserContext, Request } from 'playwright-core';
import { BrowserFixture, claimOf } from './browser-fixture.js';
import type { Fault } from './front-fixture.js';
import type { Tab } from './tab-fixture.js';

const TABS = 20;
const EXPIRIES = 100;
const LIFETIME_MILLISECONDS = 300_000;
/** When the pages' clocks start: a day ahead of the machine's. They stand still unless a test moves them. */
const START = Date.now() + 86_400_000;
/** Within this time, every tab that is not frozen learns of a log-out. */
const LOG_OUT_MILLISECONDS = 2_000;
/** Longer than the longest pause after the first failure. */
const PAUSE_MILLISECONDS = 1_500;

/** Repeatable random numbers below 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe(`a session in ${TABS} tabs of a real browser`, () => {
  let fixture: BrowserFixture;
  let context: BrowserContext;
  let tabs: Tab[];
  const underWay = new Set<Request>();
  const random = randomNumbers(18);
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;

  beforeAll(async () => {
    fixture = await BrowserFixture.start();
  });
  afterAll(() => fixture?.close());

  const openTabs = async (query = '') => {
    context = await fixture.person();
    underWay.clear();
    context.on('request', (request) => void underWay.add(request));
    context.on('requestfinished', (request) => void underWay.delete(request));
    context.on('requestfailed', (request) => void underWay.delete(request));
    await context.clock.install({ time: START });
    await context.clock.pauseAt(START + 1_000);
    const { username, password } = await fixture.register();
    tabs = [await fixture.open(context, query)];
    await tabs[0]!.logIn(username, password);
    await tabs[0]!.page.reload();
    const more = Array.from({ length: TABS - 1 }, () => fixture.open(context, query));
    tabs.push(...(await Promise.all(more)));
    await settled();
    fixture.front.takeRefreshes();
  };
  afterEach(() => fixture.closePersons());

  /**
   * Waits for the requests that the browser has begun, which the front may not have received yet. With a cookie
   * from before, they would otherwise arrive when the grace period is over (ADR 0054).
   */
  const idle = async () => {
    await waitFor(() => [...underWay].every((request) => request.frame().page().isClosed()));
    await fixture.front.idle();
  };
  /** All tabs have a usable token of the session, and nothing is under way. */
  const settled = async (): Promise<string[]> => {
    const tokens = await Promise.all(tabs.map((tab) => tab.token()));
    await idle();
    return tokens;
  };
  const pass = (milliseconds: number) => context.clock.fastForward(Math.round(milliseconds));

  /** Time passes slowly, until the first tab refreshes ahead of the expiry. The others learn of it. */
  const wait = async () => {
    const { front } = fixture;
    const before = front.paths.length;
    await pass(LIFETIME_MILLISECONDS * 0.69);
    while (front.paths.length === before) await pass(LIFETIME_MILLISECONDS * 0.01);
  };
  /** Time jumps over the expiry, as it does for a computer that was suspended. */
  const suspend = () => pass(LIFETIME_MILLISECONDS * (1 + 20 * random()));

  /** Both kinds of loss, during some requests of each tab. */
  const suffer = async (fault: Fault) => {
    const { front } = fixture;
    const before = front.faults;
    front.fault = fault;
    await suspend();
    await Promise.all(tabs.slice(0, 3).map((tab) => tab.fetch('/orders')));
    await idle();
    expect(front.faults).toBeGreaterThan(before);
    if (random() < 0.5) await fixture.passGracePeriods();
    front.fault = 'none';
    await pass(PAUSE_MILLISECONDS);
  };

  /** A tab is duplicated, and another one is closed. */
  const replaceOne = async () => {
    const [closed] = tabs.splice(Math.floor(random() * tabs.length), 1);
    tabs.push(await fixture.open(context));
    await closed!.page.close();
  };

  /** Some tabs are frozen while the others go on. */
  const freezeSome = async () => {
    const all = tabs;
    const frozen = tabs.slice(0, 3);
    tabs = tabs.slice(3);
    for (const tab of frozen) await tab.freeze();
    await suspend();
    await settled();
    for (const tab of frozen) await tab.thaw();
    tabs = all;
  };

  const EVENTS = [
    'wait',
    'wait',
    'suspend',
    'lost request',
    'lost response',
    'replace',
    'freeze',
  ] as const;
  const meet = async (event: (typeof EVENTS)[number]) => {
    if (event === 'wait') await wait();
    else if (event === 'suspend') await suspend();
    else if (event === 'freeze') await freezeSome();
    else if (event === 'replace') await replaceOne().then(suspend);
    else await suffer(event);
  };

  it(`outlives ${EXPIRIES} expiries with a network that breaks off, and ends everywhere`, async () => {
    await openTabs();
    const { front } = fixture;
    const sessions = new Set<unknown>();
    const refreshes: Record<string, number[]> = {};
    for (let expiry = 0; expiry < EXPIRIES; expiry += 1) {
      const event = oneOf(EVENTS);
      await meet(event);
      for (const token of await settled()) sessions.add(claimOf(token, 'sid'));
      await fixture.passGracePeriods();
      (refreshes[event] ??= []).push(front.takeRefreshes());
    }
    expect(sessions.size).toBe(1);
    for (const tab of tabs) expect(await tab.changes()).not.toContain('logged-out');
    // Most expiries cost one request of one tab, whose token the others get.
    const waits = refreshes['wait']!.sort((one, other) => one - other);
    expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(TABS / 2);

    const frozen = tabs.splice(0, 2);
    for (const tab of frozen) await tab.freeze();
    await tabs.shift()!.logOut();
    const ended = Date.now();
    await Promise.all(tabs.map((tab) => tab.reaches('logged-out')));
    expect(Date.now() - ended).toBeLessThan(LOG_OUT_MILLISECONDS);
    for (const tab of frozen) {
      await tab.thaw();
      await tab.reaches('logged-out');
    }
  });

  it('needs one request for each tab and expiry if tabs cannot hear each other', async () => {
    await openTabs('?alone');
    await suspend();
    const sessions = (await settled()).map((token) => claimOf(token, 'sid'));
    expect(new Set(sessions).size).toBe(1);
    expect(fixture.front.takeRefreshes()).toBe(TABS);
    await tabs[0]!.logOut();
    // They learn of the log-out from the next refresh.
    await suspend();
    const outcomes = await Promise.all(tabs.map((tab) => tab.fetch('/orders')));
    expect(new Set(outcomes)).toEqual(new Set(['logged-out']));
  });
});

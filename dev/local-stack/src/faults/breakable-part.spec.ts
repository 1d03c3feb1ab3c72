import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../processes/wait-for.js';
import { BreakablePart } from './breakable-part.js';

const LONG_SECONDS = 60;

describe('BreakablePart', () => {
  const parts: BreakablePart[] = [];
  afterEach(() => {
    for (const part of parts.splice(0)) part.close();
  });

  /** A part that takes a moment to break and to heal, and records both. */
  function makePart(fails: () => boolean = () => false) {
    const done: string[] = [];
    const act = async (what: string) => {
      await delay(10);
      if (fails()) throw new Error(`${what} failed; its log ends with:\nsecrets`);
      done.push(what);
    };
    const part = new BreakablePart({
      part: 'nats',
      does: 'stop NATS',
      breakIt: () => act('break'),
      healIt: () => act('heal'),
    });
    parts.push(part);
    return { part, done };
  }

  it('says what it is, and in which state', async () => {
    const { part } = makePart();
    const working = { part: 'nats', does: 'stop NATS', healsAtMilliseconds: null, problem: null };
    expect(part.status).toEqual({ ...working, state: 'working' });
    const broken = part.break(LONG_SECONDS);
    expect(part.status.state).toBe('breaking');
    await broken;
    const { state, healsAtMilliseconds } = part.status;
    expect(state).toBe('broken');
    expect(healsAtMilliseconds! - Date.now()).toBeGreaterThan((LONG_SECONDS - 5) * 1_000);
    const healed = part.heal();
    expect(part.status).toEqual({ ...working, state: 'healing' });
    await healed;
    expect(part.status).toEqual({ ...working, state: 'working' });
  });

  it('heals by itself', async () => {
    const { part, done } = makePart();
    await part.break(0.05);
    await waitFor(() => part.status.state === 'working');
    expect(done).toEqual(['break', 'heal']);
  });

  it('does nothing twice, and the last time counts', async () => {
    const { part, done } = makePart();
    await part.heal();
    await Promise.all([part.break(0.05), part.break(0.05)]);
    await part.break(LONG_SECONDS);
    // A later timer of another part has fired, so those of this one were cleared.
    const { part: other } = makePart();
    await other.break(0.1);
    await waitFor(() => other.status.state === 'working');
    expect([part.status.state, done]).toEqual(['broken', ['break']]);
    await Promise.all([part.heal(), part.heal()]);
    expect(done).toEqual(['break', 'heal']);
  });

  it('does what was wanted last, while it still does the opposite', async () => {
    const { part, done } = makePart();
    void part.break(LONG_SECONDS);
    await part.heal();
    expect([part.status.state, done]).toEqual(['working', ['break', 'heal']]);
    await part.break(LONG_SECONDS);
    void part.heal();
    await part.break(LONG_SECONDS);
    expect(part.status.state).toBe('broken');
  });

  it('tries to heal until it succeeds, and says why it does not, without the log', async () => {
    let fails = false;
    const { part, done } = makePart(() => fails);
    await part.break(LONG_SECONDS);
    fails = true;
    const healed = part.heal();
    await waitFor(() => part.status.problem);
    expect(part.status).toMatchObject({
      state: 'healing',
      problem: 'heal failed; its log ends with:',
    });
    fails = false;
    await healed;
    expect(part.status).toMatchObject({ state: 'working', problem: null });
    expect(done).toEqual(['break', 'heal']);
  });

  it('heals what could only be broken in half', async () => {
    let fails = true;
    const { part, done } = makePart(() => fails);
    void part.break(LONG_SECONDS);
    await waitFor(() => part.status.problem);
    const healed = part.heal();
    fails = false;
    await healed;
    expect([part.status.state, done]).toEqual(['working', ['heal']]);
  });

  it('is left as it is when the stack ends', async () => {
    const { part, done } = makePart(() => true);
    const broken = part.break(LONG_SECONDS);
    part.close();
    await broken;
    expect(done).toEqual([]);
  });
});

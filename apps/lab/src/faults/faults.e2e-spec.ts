import { Leash, VERIFYING_REPLICAS } from '@latchkey/local-stack';
import { fileURLToPath } from 'node:url';
import type { Laboratory } from '../experiment.js';
import { play, scheduledRounds } from './faults.js';
import type { PlannedFault } from './schedule.js';
import { settingOf } from './setting.js';
import { SystemUnderTest } from './system-under-test.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
/** Its rounds cut, hold, delay, half-open, kill, freeze, set a clock and lose the stream. */
const SEED = 26;

describe('the fault experiment', () => {
  const leash = new Leash();
  const options = { checkout: CHECKOUT, quick: true, seed: SEED };
  const setting = settingOf(options, SEED);
  let system: SystemUnderTest;
  let printed: string[];
  let laboratory: Laboratory;
  beforeAll(async () => {
    const onProgress = () => undefined;
    system = await SystemUnderTest.start({ ...setting, leash, onProgress });
    const { signal: interrupted } = new AbortController();
    const print = (line: string) => printed.push(line);
    laboratory = { options, leash, interrupted, onProgress, print };
  });
  beforeEach(() => {
    printed = [];
  });
  afterAll(async () => {
    await system.close();
    await leash.close();
  });

  it('holds on a short schedule', async () => {
    const rounds = scheduledRounds(laboratory, setting);
    const { held, report } = await play(laboratory, setting, system, rounds);
    // With all that was printed, should it fail: what was broken when, by whom, and its log.
    expect(held ? 'held' : printed.join('\n')).toBe('held');
    expect(report['rounds']).toBe(2);
    expect(report['seenRefusedEverywhere']).toBe(report['loggedOut']);
    expect(printed).toContain('violations: 0');
  });

  it('fails when an accepting verifier is cut off and judged as one that refuses', async () => {
    const [verifier] = VERIFYING_REPLICAS.filter((name) => setting.routes[name] === 'accept');
    const cut: PlannedFault = {
      kind: 'cut',
      target: `${verifier ?? ''} > nats`,
      startsAfter: 0,
      lasts: 4_000,
      amount: 0,
      directions: ['up', 'down'],
    };
    const promised = Object.fromEntries(VERIFYING_REPLICAS.map((name) => [name, 'refuse']));
    const tooMuch = {
      ...setting,
      promised: promised as typeof setting.promised,
      // Sooner than the cut is over.
      bounds: { ...setting.bounds, refuse: 1_000 },
    };
    const { held, report } = await play(laboratory, tooMuch, system, [[cut]].values());
    expect(held).toBe(false);
    const violations = report['violations'] as { kind: string; operation: object }[];
    expect(violations.length).toBeGreaterThan(0);
    for (const { kind, operation } of violations) {
      expect(kind).toBe('accepted after log-out');
      expect(operation).toMatchObject({ verifier, answer: 'accepted' });
    }
    expect(printed.some((line) => line.includes('revocation feed: disconnected'))).toBe(true);
  });
});

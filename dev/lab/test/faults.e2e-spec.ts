import {
  call,
  PROTECTED_ROUTES,
  ProcessGroup,
  VERIFYING_REPLICAS,
  waitFor,
  type LatchkeyStack,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { fileURLToPath } from 'node:url';
import type { Laboratory } from '../src/experiment.js';
import { play } from '../src/faults/faults.js';
import { FAULT_KINDS, type FaultKind } from '../src/faults/fault-kinds.js';
import type { PlannedFault, Round } from '../src/faults/generator.js';
import type { FaultsReport } from '../src/faults/result.js';
import { testOptionsOf } from '../src/faults/test-options.js';
import { SystemUnderTest } from '../src/faults/system-under-test.js';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const SEED = 26;

const lasting = (kind: FaultKind, target: string, more: Partial<PlannedFault> = {}) => ({
  kind,
  target,
  startsAfter: 0,
  lasts: 2_000,
  amount: 0,
  directions: ['up', 'down'] as const,
  ...more,
});
/** Every kind once; at most one fault per round destroys the record or the stream. */
const ROUNDS: readonly Round[] = [
  [
    lasting('fail over', 'postgres', { lasts: 3_000 }),
    lasting('cut', 'orders-1 > nats'),
    lasting('half-open', 'payments > nats', { directions: ['up'] }),
    lasting('replay old messages on', 'the stream', { lasts: 6_000 }),
  ],
  [
    lasting('lose', 'the stream', { startsAfter: 500 }),
    lasting('set the clock of', 'postgres', { amount: 900_000, lasts: 6_000 }),
    lasting('set the clock of', 'inventory', { amount: -2_000 }),
    lasting('hold', 'auth > nats'),
  ],
  [
    lasting('restore', 'postgres', { lasts: 3_000 }),
    lasting('delay', 'auth-2 > nats', { amount: 400 }),
    lasting('freeze', 'orders-2'),
    lasting('forge events on', 'the stream', { lasts: 4_000 }),
  ],
  [
    lasting('a storm of log-outs on', 'postgres', { amount: 1_000 }),
    lasting('flood', 'auth-2', { lasts: 4_000 }),
    lasting('kill', 'payments'),
  ],
  [lasting('reconfigure', 'subject_transform')],
  [lasting('roll back', 'the stream', { lasts: 3_000 })],
];

/** Other tests run at the same time, and a verifier that lacks the processor may answer 503, as it should. */
const unsafeIn = ({ violations }: FaultsReport) =>
  violations.filter(({ kind }) => kind !== 'unavailable without cause');

/** The share of all calls; a busy machine had 0.01. */
const MOST_UNAVAILABLE = 0.05;

const callsIn = ({ operations: { call: answers = 0 } }: FaultsReport): number =>
  typeof answers === 'number'
    ? answers
    : Object.values(answers).reduce((sum, count) => sum + count, 0);

/** Nothing was restarted for this but what the nemesis killed. */
async function everythingWorks({ issuer, replicas }: LatchkeyStack): Promise<void> {
  const { access_token: token } = await waitFor(async () =>
    (await TestUser.register(issuer)).logIn(),
  );
  for (const name of VERIFYING_REPLICAS)
    await waitFor(
      async () =>
        (await call(replicas[name].url + PROTECTED_ROUTES[name], { token })).status === 200,
      { what: `a call that ${name} accepts` },
    );
}

describe('the fault experiment', () => {
  const processes = new ProcessGroup();
  const options = { checkout: CHECKOUT, quick: true, seed: SEED };
  const testOptions = testOptionsOf(options, SEED);
  let system: SystemUnderTest;
  let printed: string[];
  let laboratory: Laboratory;
  beforeAll(async () => {
    const onProgress = () => undefined;
    system = await SystemUnderTest.start({ ...testOptions, processes, onProgress });
    const { signal: interrupted } = new AbortController();
    const print = (line: string) => printed.push(line);
    laboratory = { options, processes, interrupted, onProgress, print };
  });
  beforeEach(() => {
    printed = [];
  });
  afterAll(async () => {
    await system.close();
    await processes.close();
  });

  it('holds with every kind of fault', async () => {
    expect(new Set(ROUNDS.flat().map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    const { report } = await play(laboratory, testOptions, system, ROUNDS.values());
    const { crashed, stuck } = report;
    // Shows everything that was printed if it fails: faults, violations and logs.
    expect([...unsafeIn(report), ...crashed, ...stuck].length > 0 ? printed.join('\n') : '').toBe(
      '',
    );
    expect(report.rounds).toBe(ROUNDS.length);
    expect(report.loggedOut).toBeGreaterThan(0);
    expect(report.seenRefusedEverywhere).toBe(report.loggedOut);
    const unavailable = report.violations.length - unsafeIn(report).length;
    expect(unavailable / callsIn(report)).toBeLessThan(MOST_UNAVAILABLE);
    await everythingWorks(system.stack);
  }, 300_000);

  it('fails if an accepting verifier is cut off and checked as one that refuses', async () => {
    const [verifier] = VERIFYING_REPLICAS.filter((name) => testOptions.routes[name] === 'accept');
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
      ...testOptions,
      promised: promised as typeof testOptions.promised,
      // Shorter than the cut.
      bounds: { ...testOptions.bounds, refuse: 1_000 },
    };
    const { held, report } = await play(laboratory, tooMuch, system, [[cut]].values());
    expect(held).toBe(false);
    const unsafe = unsafeIn(report);
    expect(unsafe.length).toBeGreaterThan(0);
    for (const { kind, operation } of unsafe) {
      expect(kind).toBe('accepted after log-out');
      expect(operation).toMatchObject({ verifier, answer: 'accepted' });
    }
    expect(printed.some((line) => line.includes('revocation feed: disconnected'))).toBe(true);
  });
});

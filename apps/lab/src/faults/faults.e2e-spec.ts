import { Leash } from '@latchkey/local-stack';
import type { RouteKind } from '@latchkey/testing';
import { fileURLToPath } from 'node:url';
import type { Finding, Laboratory } from '../experiment.js';
import { faults, tryOut } from './faults.js';
import type { PlannedFault, VerifierName } from './schedule.js';
import { settingOf } from './setting.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
/** One whose three rounds cut, kill, freeze, forge, truncate, set a clock and lose the stream. */
const SEED = 1;

describe('the fault experiment', () => {
  let leash: Leash;
  let printed: string[];
  beforeEach(() => {
    leash = new Leash();
    printed = [];
  });
  afterEach(() => leash.close());

  const laboratory = (): Laboratory => ({
    options: { checkout: CHECKOUT, quick: true, seed: SEED },
    leash,
    interrupted: new AbortController().signal,
    onProgress: () => undefined,
    print: (line) => printed.push(line),
  });

  it('holds on a short schedule', async () => {
    const { held, report } = await faults(laboratory());
    expect({ held, violations: report['violations'], fallen: report['fallen'] }).toEqual({
      held: true,
      violations: [],
      fallen: [],
    });
    expect(report['rounds']).toBe(3);
    expect(report['seenRefusedEverywhere']).toBe(report['loggedOut']);
    expect(printed.join('\n')).toContain(`seed ${SEED}`);
  });

  it('fails when more is promised than is kept: an accepting verifier is cut off and judged as a refusing one', async () => {
    const cut: PlannedFault = {
      kind: 'cut',
      target: 'orders-2 > nats',
      startsAfter: 0,
      lasts: 9_000,
      amount: 0,
      directions: ['up', 'down'],
    };
    const all = (route: RouteKind) =>
      ({
        'orders-1': route,
        'orders-2': route,
        inventory: route,
        payments: route,
      }) satisfies Record<VerifierName, RouteKind>;
    const setting = {
      ...settingOf({ quick: true }, SEED),
      routes: all('accept'),
      promised: all('refuse'),
    };
    const finding: Finding = await tryOut(laboratory(), setting, [[cut]].values());
    expect(finding.held).toBe(false);
    const violations = finding.report['violations'] as { kind: string; operation: object }[];
    expect(new Set(violations.map(({ kind }) => kind))).toEqual(
      new Set(['accepted after log-out']),
    );
    for (const { operation } of violations)
      expect(operation).toMatchObject({ verifier: 'orders-2', answer: 'accepted' });
  });
});

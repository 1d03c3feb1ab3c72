import type { Call } from '../history/history.js';
import type { Violation } from '../history/check-history.js';
import { findingOf, printResult } from './result.js';
import { testOptionsOf } from './test-options.js';
import type { TestRunResult } from './test-run.js';

const TEST_OPTIONS = testOptionsOf({ quick: true }, 1);
const call = (session: string): Call => ({
  type: 'call',
  session,
  token: `${session}, token 1`,
  verifier: 'payments',
  route: 'refuse',
  answer: 'accepted',
  startedAt: 9_000,
  endedAt: 9_010,
});
const violation: Violation = {
  kind: 'lost',
  operation: call('session 7'),
  explanation: 'payments (refuse) accepted a token of session 7',
};

function result(more: Partial<TestRunResult> = {}, violations: Violation[] = []): TestRunResult {
  const nothing = { connected: 0, broken: 0 };
  return {
    verdict: {
      violations,
      staleReads: { accept: { connected: 12.4, broken: 9_000 }, refuse: nothing },
      loggedOut: 3,
      seenRefusedEverywhere: 3,
    },
    client: { operations: [call('session 1'), call('session 7')], failures: { 'log-in': 2 } },
    faults: [],
    rounds: 1,
    crashed: [],
    stuck: [],
    ...more,
  };
}

const printed = (given: TestRunResult) => {
  const lines: string[] = [];
  printResult(given, TEST_OPTIONS, (line) => lines.push(line));
  return lines.join('\n');
};

describe('the result of a test run', () => {
  it('holds without violations when everything runs', () => {
    expect(findingOf(result(), TEST_OPTIONS)).toMatchObject({
      held: true,
      report: { seed: 1, rounds: 1, operations: { call: { accepted: 2 }, failedLogIns: 2 } },
    });
  });

  it.each([
    ['a violation', result({}, [violation])],
    ['a process that ended by itself', result({ crashed: ['auth'] })],
    ['a process that did not become ready again', result({ stuck: ['orders-2'] })],
    ['no log-out at all', result({ verdict: { ...result().verdict, loggedOut: 0 } })],
  ])('does not hold with %s', (_, given) => {
    expect(findingOf(given, TEST_OPTIONS).held).toBe(false);
  });

  it('keeps all operations of a session with a violation', () => {
    const { report } = findingOf(result({}, [violation]), TEST_OPTIONS);
    expect(report.sessionsViolated).toEqual([call('session 7')]);
  });

  it('prints operations, stale reads, violations and what does not run', () => {
    const text = printed(result({ stuck: ['orders-2'] }, [violation]));
    expect(text).toContain('call     2 accepted');
    expect(text).toContain('accept  healthy 12 ms, with faults 9000 ms');
    expect(text).toContain('(bound 7100 ms)');
    expect(text).toContain('orders-2 did not become ready again');
    expect(text).toContain('lost at 9.00 s: payments (refuse) accepted a token of session 7');
  });

  it('prints the times of the faults if there is a violation', () => {
    const faults = [{ name: 'cut auth > nats', startedAt: 1_000, endedAt: 4_500 }];
    expect(printed(result({ faults }))).not.toContain('cut auth');
    const text = printed(result({ faults }, [violation]));
    expect(text).toContain('from 1.00 s to 4.50 s: cut auth > nats');
  });

  it('prints the first twenty violations, and their number', () => {
    const text = printed(result({}, Array<Violation>(25).fill(violation)));
    expect(text.match(/lost at/g)).toHaveLength(20);
    expect(text).toContain('violations: 25');
    expect(text).toContain('5 more');
  });
});

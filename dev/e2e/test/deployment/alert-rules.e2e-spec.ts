import { call } from '@latchkey/local-stack';
import { readFileSync } from 'node:fs';
import { sharedStack } from '../../src/shared-stack.js';

const RULES = readFileSync(new URL('../../../../deploy/alerts.yml', import.meta.url), 'utf8');
const OPERATIONS = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
/** The suffixes of the series of a histogram. */
const SERIES_ENDING = /_(?:bucket|sum|count)$/;

const named = (text: string) =>
  [...new Set(text.match(/\blatchkey_[a-z0-9_]+/g))].map((name) => name.replace(SERIES_ENDING, ''));
const served = (text: string) =>
  [...text.matchAll(/^# TYPE (latchkey_\w+)/gm)].map(([, name]) => name);

/** A rule about a metric that no service exports never fires. */
describe('deploy/alerts.yml', () => {
  const metrics = new Set<string | undefined>();

  beforeAll(async () => {
    const stack = await sharedStack();
    for (const name of ['auth', 'orders-1'] as const) {
      const { body } = await call(`${stack.replicas[name].url}/metrics`);
      for (const metric of served(String(body))) metrics.add(metric);
    }
  });

  it('has at least ten rules', () => {
    expect(RULES.match(/- alert:/g)!.length).toBeGreaterThanOrEqual(10);
  });

  it.each(RULES.split('- alert: ').slice(1))('has an action for %s', (rule) => {
    expect(rule).toMatch(/^ +action: (?:>-\n +)?\S/m);
  });

  it.each(RULES.match(/(?<=- alert: )\w+/g)!)(
    'has %s documented in docs/operations.md',
    (alert) => {
      const [row] = new RegExp(`^\\| \`${alert}\` .*$`, 'm').exec(OPERATIONS) ?? [];
      const [meaning, action] = row?.split('|').slice(2) ?? [];
      expect([meaning, action]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
    },
  );

  it.each(named(RULES))('refers to %s, which a service exports', (metric) => {
    expect([...metrics]).toContain(metric);
  });

  it.each([
    'latchkey_revocation_lag_seconds',
    'latchkey_staleness_seconds',
    'latchkey_revocations_applied_through',
    'latchkey_deny_list_bytes',
    'latchkey_feed_gaps_repaired_total',
    'latchkey_feed_events_refused_total',
    'latchkey_relay_backlog',
    'latchkey_clock_offset_seconds',
    'latchkey_database_clock_offset_seconds',
    'latchkey_foreign_consumers_removed_total',
    'latchkey_relay_blocked',
    'latchkey_record_regressions_total',
    'latchkey_signing_keys_undecryptable',
  ])('has a rule for %s', (metric) => {
    expect(named(RULES)).toContain(metric);
  });
});

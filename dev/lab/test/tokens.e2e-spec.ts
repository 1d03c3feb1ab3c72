import { quickRun } from './quick-run.js';
import { CALL_WAYS } from '../src/tokens/call-way.js';
import { outcomeOf } from '../src/tokens/theft-outcome.js';
import { tokensSchema, type TokensReport } from '../src/tokens/tokens-report.js';

/** Checks what holds on machines of any speed. */
describe('npm run lab -- tokens --quick', () => {
  let report: TokensReport & { readonly held: boolean };
  let printed: string;
  const wayOf = (name: string) => report.ways.find(({ way }) => way === name)!;

  beforeAll(() => {
    ({ report, printed } = quickRun<typeof report>('tokens'));
  });

  it('measures each way, and its promises hold', () => {
    expect(report.ways.map(({ way }) => way)).toEqual(CALL_WAYS);
    expect(tokensSchema.safeParse(report).error).toBeUndefined();
    expect(report.held ? 'held' : printed).toBe('held');
    for (const { warm, cold } of report.ways)
      for (const { all } of [warm, cold]) expect(all.p99).toBeGreaterThanOrEqual(all.p50);
  });

  it('really relays: one token everywhere, which a thief can use everywhere', () => {
    const relay = wayOf('relay');
    expect([relay.bytes.authFirst, relay.bytes.authNext]).toEqual([0, 0]);
    for (const theft of relay.thefts) {
      const { letIn, done } = outcomeOf(theft);
      const services = new Set(letIn.map(({ service }) => service));
      expect([...services].sort()).toEqual(['auth', 'inventory', 'orders', 'payments']);
      expect(done.map(({ operation }) => operation)).toEqual(
        expect.arrayContaining(['POST /payments', 'POST /payments/cancel', 'POST /orders']),
      );
    }
  });

  it('asks auth in each way as often as it should', () => {
    const { exchange, transaction } = {
      exchange: wayOf('exchange').bytes,
      transaction: wayOf('transaction').bytes,
    };
    expect(exchange.authFirst).toBeGreaterThan(0);
    expect(exchange.authNext).toBe(0);
    expect(transaction.authNext).toBeGreaterThan(0);
    expect(transaction.tokens).toBeGreaterThan(exchange.tokens);
  });
});

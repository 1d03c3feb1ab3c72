import type { DataSource } from 'typeorm';
import { refuseTransactionPooler, TransactionPoolerError } from './transaction-pooler.js';

/** A round-robin pooler in transaction mode, which other clients use between our statements. */
function roundRobin(servers: number, othersBetween: number): DataSource {
  let turn = 0;
  const query = () => {
    turn += 1 + othersBetween;
    return Promise.resolve([{ pid: turn % servers }]);
  };
  const runner = { query, release: () => Promise.resolve() };
  return { createQueryRunner: () => runner } as unknown as DataSource;
}

describe('a pooler in transaction mode', () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
  const cases = upTo(8).flatMap((servers) =>
    upTo(8).map((othersBetween) => [servers + 1, othersBetween] as const),
  );

  it.each(cases)('is refused with %i connections and %i turns of others', async (...pooler) => {
    const refusal = refuseTransactionPooler(roundRobin(...pooler));
    await expect(refusal).rejects.toThrow(TransactionPoolerError);
  });
});

import { TEST_TRUST_DOMAIN } from '@latchkey/testing';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { makeFixture } from './verifier-fixture.js';

/** Whether V8 keeps both objects in the same hidden class. The syntax is V8's own, so no file can contain it. */
function makeComparison(): (one: object, other: object) => boolean {
  setFlagsFromString('--allow-natives-syntax');
  // Compiled at its first call, so the flag stays on.
  return runInThisContext('(one, other) => %HaveSameMap(one, other)') as ReturnType<
    typeof makeComparison
  >;
}

/**
 * With a hidden class each, principals take several times the memory, and every access to them is slow. Object
 * spread does that.
 */
describe('the principals of tokens with the same claims', () => {
  const haveSameClass = makeComparison();

  it('share one hidden class', async () => {
    const transactionTokens = { trustDomain: TEST_TRUST_DOMAIN };
    const { verifier, make, issuer } = await makeFixture({ transactionTokens });
    const principals = [];
    const transactions = [];
    for (let count = 0; count < 5; count++) {
      principals.push(await verifier.verify(await make()));
      const token = await issuer.makeTransactionToken();
      transactions.push(await verifier.verifyTransactionToken(token));
    }
    for (const same of [principals, transactions])
      for (const one of same) expect(haveSameClass(one, same[0]!)).toBe(true);
    // The comparison can fail.
    expect(haveSameClass(principals[0]!, transactions[0]!)).toBe(false);
    verifier.close();
  });
});

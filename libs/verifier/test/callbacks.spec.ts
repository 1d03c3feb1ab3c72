import { jest } from '@jest/globals';
import { makeFixture } from './verifier-fixture.js';

const fail = () => {
  throw new Error('mine');
};
const FAILING: readonly [string, () => unknown][] = [
  ['throws', fail],
  ['rejects', () => Promise.reject(new Error('mine'))],
];

describe.each(FAILING)('a callback that %s', (_, callback) => {
  const outcomes = jest.fn(callback);
  const warned = jest.fn();
  beforeEach(() => {
    outcomes.mockClear();
    warned.mockClear();
    jest.spyOn(process, 'emitWarning').mockImplementation(warned);
  });
  afterEach(() => jest.restoreAllMocks());
  const warningOf = (name: string): unknown =>
    expect.stringMatching(`^The callback ${name} failed, and the error was ignored: mine\\.`);

  it('does not reject a valid token, and is called once', async () => {
    const { verifier, make } = await makeFixture({ onOutcome: outcomes });
    await expect(verifier.verify(await make())).resolves.toMatchObject({ audience: ['orders'] });
    const principal: unknown = expect.objectContaining({ audience: ['orders'] });
    expect(outcomes.mock.calls).toEqual([['accepted', 'access_token', principal]]);
    expect(warned.mock.calls).toEqual([[warningOf('onOutcome')]]);
    verifier.close();
  });

  it('does not replace the error of a rejected token', async () => {
    const { verifier, make } = await makeFixture({ onOutcome: outcomes, onWarning: callback });
    const token = await make({ audience: 'payments' });
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'wrong_audience' });
    expect(outcomes.mock.calls).toEqual([['wrong_audience', 'access_token']]);
    await new Promise(setImmediate);
    expect(warned.mock.calls).toHaveLength(2);
    expect(warned.mock.calls).toContainEqual([warningOf('onWarning')]);
    verifier.close();
  });

  it('does not make a fetched key set fail', async () => {
    const { verifier, make } = await makeFixture({ onKeySetFetch: callback });
    await verifier.verify(await make());
    expect(verifier.status().issuers).toMatchObject([
      { lastFetchSucceeded: true, fetches: { succeeded: 1, failed: 0 } },
    ]);
    expect(warned.mock.calls).toEqual([[warningOf('onKeySetFetch')]]);
    verifier.close();
  });
});

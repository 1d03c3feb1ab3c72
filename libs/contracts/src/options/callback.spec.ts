import { jest } from '@jest/globals';
import { isolated } from './callback.js';

describe('isolated', () => {
  afterEach(() => jest.restoreAllMocks());
  const warningsOf = () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    return () => warned.mock.calls.map(([warning]) => String(warning));
  };

  it('passes the parameters on', () => {
    const told: unknown[] = [];
    isolated('onOutcome', (...all: [string, number]) => told.push(all))('a', 1);
    expect(told).toEqual([['a', 1]]);
  });

  it('does nothing without a callback', () => {
    expect(isolated('onOutcome', undefined)()).toBeUndefined();
  });

  it.each([
    [
      'an error',
      () => {
        throw new Error('mine');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('mine'))],
    [
      'a rejection that is not an instance of Promise',
      () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error('mine')) }),
    ],
  ])('turns %s into one warning that names the callback', async (_, callback) => {
    const warnings = warningsOf();
    const call = isolated('onOutcome', callback);
    for (let time = 0; time < 3; time++) call();
    await new Promise(setImmediate);
    expect(warnings()).toEqual([
      'The callback onOutcome failed, and the error was ignored: mine. Handle the error in the callback.',
    ]);
  });
});

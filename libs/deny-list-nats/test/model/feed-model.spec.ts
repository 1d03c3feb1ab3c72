import fc from 'fast-check';
import { anySteps, type Broker, type Database } from './steps.js';
import { World, type Mutation } from './world.js';

/** Histories per test. A mutant must fail on the same histories that the real code survives. */
const HISTORIES = 500;
const SEED = 1;
const LONGEST_HISTORY = 80;
/** Generous, because the machine may be busy. */
const TIMEOUT_MILLISECONDS = 60_000;

function histories(broker: Broker, mutation?: Mutation, database?: Database) {
  return fc.asyncProperty(anySteps(broker, LONGEST_HISTORY, database), async (steps) => {
    const world = new World(mutation);
    await fc.asyncModelRun(() => ({ model: {}, real: world }), steps);
    await world.checkRecovery();
  });
}

describe('the model of feed, watermark and freshness', () => {
  it.each<[Broker, Database]>([
    ['honest', 'right'],
    ['lying', 'right'],
    ['honest', 'leaping'],
    ['lying', 'leaping'],
  ])(
    'finds no history that breaks a promise, with a broker that is %s and a database clock that is %s',
    async (broker, database) => {
      await fc.assert(histories(broker, undefined, database), { numRuns: HISTORIES, seed: SEED });
    },
    TIMEOUT_MILLISECONDS,
  );

  it.each<[string, RegExp, Broker, Mutation, Database?]>([
    [
      'a relay that continues after the last id',
      /S1/,
      'honest',
      { relay: { picks: 'by_last_id' } },
    ],
    [
      'a relay that reads the time after the snapshot',
      /S1/,
      'honest',
      { relay: { readsTime: 'after_the_snapshot' } },
    ],
    [
      'a watermark for numbers that were not published',
      /L2/,
      'honest',
      { relay: { publishesNumbered: 'never' } },
    ],
    [
      'a relay that marks rows as published before the acknowledgement',
      /L[12]/,
      'honest',
      { relay: { marks: 'before_the_answer' } },
    ],
    [
      'numbers that start again with a new stream',
      /S[13]|L1/,
      'honest',
      { record: { numbers: 'begin_anew_with_the_stream' } },
    ],
    [
      'a relay that uses the number as message id, and trusts every message with it',
      /S|L/,
      'honest',
      { relay: { messageId: 'the_number', audits: 'never' } },
    ],
    ['a verifier that trusts sequences', /S1|S3/, 'lying', { verifier: { trusts: 'sequences' } }],
    [
      'a verifier that treats a gap as repaired without reading',
      /L1/,
      'honest',
      { verifier: { repairsGaps: 'without_reading' } },
    ],
    [
      'a verifier that does both',
      /S1|S3/,
      'honest',
      { verifier: { trusts: 'sequences', repairsGaps: 'without_reading' } },
    ],
    [
      'a verifier that continues the stream without comparing its checkpoint',
      /S1|L1/,
      'honest',
      { verifier: { resumes: 'without_comparing' } },
    ],
    [
      'watermarks that are dated by the database clock',
      /S1/,
      'honest',
      { relay: { readsTime: 'of_the_database' } },
      'leaping',
    ],
    [
      'revocations that expire by the database clock',
      /S[13]|L1/,
      'honest',
      { record: { dates: 'by_the_database' } },
      'leaping',
    ],
    ['freshness by the wall clock only', /S1/, 'honest', { verifier: { clock: 'wall_only' } }],
    [
      'freshness by the monotonic clock only',
      /S1/,
      'honest',
      { verifier: { clock: 'monotonic_only' } },
    ],
  ])(
    'finds the defect of %s',
    // Jest passes its `done` callback for a parameter that a row has no value for.
    async (...[, promise, broker, mutation, database]) => {
      const result = await fc.check(histories(broker, mutation, database), {
        numRuns: HISTORIES,
        seed: SEED,
        endOnFailure: true,
      });
      expect(String(result.errorInstance)).toMatch(promise);
    },
    TIMEOUT_MILLISECONDS,
  );
});

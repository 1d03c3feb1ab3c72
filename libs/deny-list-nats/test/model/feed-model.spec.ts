import fc from 'fast-check';
import { anySteps, type Broker, type Database } from './steps.js';
import { World, type Mutation } from './world.js';

/** How many histories each test plays: more find more. A mutant has to break down in the very same. */
const HISTORIES = 500;
const SEED = 1;
const LONGEST_HISTORY = 80;
/** On a machine that has other things to do as well. */
const TIMEOUT_MILLISECONDS = 60_000;

function histories(broker: Broker, mutation?: Mutation, database?: Database) {
  return fc.asyncProperty(anySteps(broker, LONGEST_HISTORY, database), async (steps) => {
    const world = new World(mutation);
    await fc.asyncModelRun(() => ({ model: {}, real: world }), steps);
    await world.judgeRecovery();
  });
}

describe('the model of feed, watermark and freshness', () => {
  it.each<[Broker, Database]>([
    ['honest', 'right'],
    ['lying', 'right'],
    ['honest', 'leaping'],
    ['lying', 'leaping'],
  ])(
    'finds no history with a broker that is %s and a database clock that is %s in which a promise is broken',
    async (broker, database) => {
      await fc.assert(histories(broker, undefined, database), { numRuns: HISTORIES, seed: SEED });
    },
    TIMEOUT_MILLISECONDS,
  );

  it.each<[string, RegExp, Broker, Mutation, Database?]>([
    ['a relay that goes on from the last id', /S1/, 'honest', { relay: { picks: 'by_last_id' } }],
    [
      'a relay that reads the time after the snapshot',
      /S1/,
      'honest',
      { relay: { readsTime: 'after_the_snapshot' } },
    ],
    [
      'a watermark that speaks for numbers nobody has published',
      /L2/,
      'honest',
      { relay: { publishesNumbered: 'never' } },
    ],
    [
      'a relay that marks before it is answered',
      /L[12]/,
      'honest',
      { relay: { marks: 'before_the_answer' } },
    ],
    [
      'numbers that are given again for another stream',
      /S[13]|L1/,
      'honest',
      { record: { numbers: 'begin_anew_with_the_stream' } },
    ],
    [
      'a relay that takes the number for the message, and whatever has it for its own',
      /S|L/,
      'honest',
      { relay: { messageId: 'the_number', audits: 'never' } },
    ],
    ['a verifier that trusts sequences', /S1|S3/, 'lying', { verifier: { trusts: 'sequences' } }],
    [
      'a verifier that counts a gap as repaired without reading',
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
      'a verifier that goes on with the stream without a look at what it has left there',
      /S1|L1/,
      'honest',
      { verifier: { resumes: 'without_comparing' } },
    ],
    [
      'watermarks that are dated by the clock of the database',
      /S1/,
      'honest',
      { relay: { readsTime: 'of_the_database' } },
      'leaping',
    ],
    [
      'revocations that end by the clock of the database',
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
    'finds what is wrong with %s',
    // Jest takes a parameter that a row has no value for to be its callback.
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

import { REVOCATION_TRIGGERS, type RevocationTrigger } from '@latchkey/contracts';
import type { LatchkeyStack } from '@latchkey/local-stack';
import { ACCEPTED_EVERYWHERE, statusesEverywhere } from '../../src/everywhere.js';
import {
  ANSWERED_WITH,
  Cast,
  refusedEverywhere,
  SCENARIOS,
  TRIGGERS_ENVIRONMENT,
} from './revocation-triggers-fixture.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const TRIGGERS = Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[];

/** The contract's table of triggers, row by row, from the deed to every verifier. */
describe('every trigger of the contract', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let cast: Cast;
  beforeAll(async () => {
    running = await startStack({ publishAheadSeconds: 1, env: { auth: TRIGGERS_ENVIRONMENT } });
    stack = running.stack;
    cast = new Cast(stack);
  });
  afterAll(() => running.close());

  async function expectAccepted(tokens: readonly string[]): Promise<void> {
    for (const token of tokens)
      expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
  }

  it('has its scenario here, and no scenario is of another', () => {
    expect(Object.keys(SCENARIOS).sort()).toEqual([...TRIGGERS].sort());
  });

  it.each(TRIGGERS)(
    '%s makes every service refuse what it accepted before, and nothing else',
    async (trigger) => {
      const { doomed, bystanders, pull } = await SCENARIOS[trigger](cast);
      await expectAccepted([...doomed, ...bystanders]);
      expect((await pull()).status).toBe(ANSWERED_WITH[trigger] ?? 204);
      for (const token of doomed) await refusedEverywhere(stack, token);
      await expectAccepted(bystanders);
    },
  );
});

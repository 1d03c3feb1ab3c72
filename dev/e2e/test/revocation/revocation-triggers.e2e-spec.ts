import { REVOCATION_TRIGGERS, type RevocationTrigger } from '@latchkey/contracts';
import type { LatchkeyStack } from '@latchkey/local-stack';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import {
  ANSWERED_WITH,
  Actors,
  SCENARIOS,
  TRIGGERS_ENVIRONMENT,
} from './revocation-triggers-fixture.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const TRIGGERS = Object.keys(REVOCATION_TRIGGERS) as RevocationTrigger[];

/** Checks each trigger of the contract, from the triggering request to every verifier. */
describe('every trigger of the contract', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let actors: Actors;
  beforeAll(async () => {
    running = await startStack({ publishAheadSeconds: 1, env: { auth: TRIGGERS_ENVIRONMENT } });
    stack = running.stack;
    actors = new Actors(stack);
  });
  afterAll(() => running.close());

  async function expectAccepted(tokens: readonly string[]): Promise<void> {
    for (const token of tokens)
      expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
  }

  it('has exactly one scenario', () => {
    expect(Object.keys(SCENARIOS).sort()).toEqual([...TRIGGERS].sort());
  });

  it.each(TRIGGERS)(
    '%s makes every service refuse the tokens that it revokes, and no others',
    async (trigger) => {
      const scenario = await SCENARIOS[trigger](actors);
      await expectAccepted([...scenario.revoked, ...scenario.unaffected]);
      expect((await scenario.trigger()).status).toBe(ANSWERED_WITH[trigger] ?? 204);
      for (const token of scenario.revoked) await refusedEverywhere(stack, token);
      await expectAccepted(scenario.unaffected);
    },
  );
});

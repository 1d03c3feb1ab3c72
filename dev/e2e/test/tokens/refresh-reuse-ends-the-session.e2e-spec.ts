import { TokenReply } from '@latchkey/contracts/auth-api';
import { type Answer, type LatchkeyStack, waitFor } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  REFUSED_EVERYWHERE,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

/** Promise 6 of the design. */
describe('a refresh token', () => {
  let running: RunningStack;
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    running = await startStack();
    stack = running.stack;
    ada = await TestUser.register(stack.issuer, 'ada');
  });
  afterAll(() => running.close());

  const tokensOf = ({ body }: Answer) => TokenReply.required().parse(body);

  describe('when it is used again after its successor was used', () => {
    it('ends the session at every service', async () => {
      const first = await ada.logIn();
      const second = tokensOf(await ada.refresh(first.refresh_token));
      const third = tokensOf(await ada.refresh(second.refresh_token));
      expect(await statusesEverywhere(stack, third.access_token)).toEqual(ACCEPTED_EVERYWHERE);

      const reuse = await ada.refresh(first.refresh_token);
      expect(reuse).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      await waitFor(async () => {
        const statuses = await statusesEverywhere(stack, third.access_token);
        return statuses.join() === REFUSED_EVERYWHERE.join();
      });
      expect((await ada.refresh(third.refresh_token)).status).toBe(400);
    });
  });

  describe('when two honest requests race with it', () => {
    it('gives both the same successor, and the session lives', async () => {
      const first = await ada.logIn();
      const answers = await Promise.all([1, 2, 3, 4].map(() => ada.refresh(first.refresh_token)));
      const successors = new Set(answers.map((answer) => tokensOf(answer).refresh_token));
      expect(successors.size).toBe(1);
      const [{ access_token: token }] = answers.map(tokensOf) as [TokenReply];
      expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
    });
  });

  describe('when the user has logged out meanwhile', () => {
    it('gives nothing, also within the grace for honest races', async () => {
      const first = await ada.logIn();
      const second = tokensOf(await ada.refresh(first.refresh_token));
      await ada.logOut(second.access_token);
      expect((await ada.refresh(first.refresh_token)).status).toBe(400);
      expect((await ada.refresh(second.refresh_token)).status).toBe(400);
    });
  });
});

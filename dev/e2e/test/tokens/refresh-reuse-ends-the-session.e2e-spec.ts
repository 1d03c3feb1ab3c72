import { type LatchkeyStack, sessionTokens, type SessionTokens } from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';

/** Promise 6 of the design. */
describe('a refresh token', () => {
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    stack = await sharedStack();
    ada = await TestUser.register(stack.issuer);
  });

  describe('when it is reused after its successor was used', () => {
    it('ends the session at every service', async () => {
      const first = await ada.logIn();
      const second = sessionTokens(await ada.refresh(first.refresh_token));
      const third = sessionTokens(await ada.refresh(second.refresh_token));
      expect(await statusesEverywhere(stack, third.access_token)).toEqual(ACCEPTED_EVERYWHERE);

      const reuse = await ada.refresh(first.refresh_token);
      expect(reuse).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      await refusedEverywhere(stack, third.access_token);
      expect((await ada.refresh(third.refresh_token)).status).toBe(400);
    });
  });

  describe('when concurrent requests use it', () => {
    it('returns the same successor to all, and the session continues', async () => {
      const first = await ada.logIn();
      const answers = await Promise.all([1, 2, 3, 4].map(() => ada.refresh(first.refresh_token)));
      const successors = new Set(answers.map((answer) => sessionTokens(answer).refresh_token));
      expect(successors.size).toBe(1);
      const [{ access_token: token }] = answers.map(sessionTokens) as [SessionTokens];
      expect(await statusesEverywhere(stack, token)).toEqual(ACCEPTED_EVERYWHERE);
    });
  });

  describe('when the user has logged out meanwhile', () => {
    it('is refused, even within the grace period for concurrent requests', async () => {
      const first = await ada.logIn();
      const second = sessionTokens(await ada.refresh(first.refresh_token));
      await ada.logOut(second.access_token);
      expect((await ada.refresh(first.refresh_token)).status).toBe(400);
      expect((await ada.refresh(second.refresh_token)).status).toBe(400);
    });
  });
});

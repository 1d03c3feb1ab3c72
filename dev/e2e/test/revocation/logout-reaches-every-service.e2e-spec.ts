import { call, type LatchkeyStack } from '@latchkey/local-stack';
import { TestUser, waitFor } from '@latchkey/testing';
import {
  ACCEPTED_EVERYWHERE,
  refusedEverywhere,
  statusesEverywhere,
} from '../../src/everywhere.js';
import { sharedStack } from '../../src/shared-stack.js';

/** Promise 1 of the design: after a log-out every verifier refuses the token. */
describe('a log-out', () => {
  let stack: LatchkeyStack;
  let ada: TestUser;
  beforeAll(async () => {
    stack = await sharedStack();
    ada = await TestUser.register(stack.issuer);
  });

  const accepted = (token: string) =>
    expect(statusesEverywhere(stack, token)).resolves.toEqual(ACCEPTED_EVERYWHERE);

  const refused = (token: string) => refusedEverywhere(stack, token);

  it('makes every service refuse a token that it accepted before', async () => {
    const { access_token: token } = await ada.logIn();
    await accepted(token);
    // On a busy machine, the first answer may be 202.
    const answer = await waitFor(async () => {
      const given = await ada.logOut(token);
      return given.status === 204 && given;
    });
    expect(answer.headers.get('revocation-position')).toMatch(/^\d+$/);
    await refused(token);
  });

  it('does not affect other sessions of the same user, or other users', async () => {
    const grace = await TestUser.register(stack.issuer);
    const [phone, laptop, other] = [await ada.logIn(), await ada.logIn(), await grace.logIn()];
    await ada.logOut(phone.access_token);
    await refused(phone.access_token);
    await accepted(laptop.access_token);
    await accepted(other.access_token);
  });

  it('everywhere ends all sessions, and the user can log in again immediately', async () => {
    const [phone, laptop] = [await ada.logIn(), await ada.logIn()];
    const answer = await call(`${stack.issuer}/logout/everywhere`, {
      method: 'POST',
      token: phone.access_token,
    });
    expect([202, 204]).toContain(answer.status);
    await refused(phone.access_token);
    await refused(laptop.access_token);
    const again = await ada.logIn();
    await accepted(again.access_token);
  });

  it('invalidates the refresh token immediately', async () => {
    const tokens = await ada.logIn();
    await ada.logOut(tokens.access_token);
    expect(await ada.refresh(tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it('tells the client only that the token is invalid', async () => {
    const { access_token: token } = await ada.logIn();
    await ada.logOut(token);
    await refused(token);
    const answer = await call(`${stack.replicas['orders-1'].url}/orders`, { token });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    expect(JSON.stringify(answer.body)).not.toMatch(/revoked/);
  });
});

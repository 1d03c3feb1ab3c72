import { REVOCATION_MIN_POSITION_HEADER } from '@latchkey/contracts';
import { TestAuthority, waitFor } from '@latchkey/testing';
import type { INestApplication } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import {
  bearer,
  COMBINATIONS,
  optionsFor,
  portOf,
  startGuardedApp,
} from './guarded-app-fixture.js';
import { VerifierLifecycle } from '../src/index.js';

describe.each(COMBINATIONS)('Revocation-Min-Position, %s on %s', (guard, platform) => {
  let authority: TestAuthority;
  let app: INestApplication;

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    app = await startGuardedApp(guard, platform, optionsFor(authority));
    await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
  });
  afterAll(async () => {
    await app.close();
    await authority.close();
  });

  const call = async (token: string, position?: number | string) => {
    const headers = {
      authorization: bearer(token),
      ...(position !== undefined && { [REVOCATION_MIN_POSITION_HEADER]: String(position) }),
    };
    const response = await fetch(`http://127.0.0.1:${portOf(app)}/me`, { headers });
    const { status } = response;
    const { code } = (await response.json()) as { code?: string };
    return { status, code, retryAfter: response.headers.get('retry-after') };
  };

  /** The first decision. On a busy machine, a verifier may ask to try again before it has caught up. */
  const decide = async (token: string, position: number) => {
    let answer = await call(token, position);
    while (answer.code === 'revocations_behind') answer = await call(token, position);
    return answer.status;
  };

  it('rejects the first call after a log-out, however soon it comes', async () => {
    for (let round = 0; round < 20; round++) {
      const sessionId = randomUUID();
      const token = await authority.issuer.makeToken({ sessionId });
      expect((await call(token)).status).toBe(200);
      const position = await authority.revokeSession(sessionId);
      expect(await decide(token, position)).toBe(401);
    }
  });

  it('does not affect a valid token', async () => {
    const position = await authority.revokeSession(randomUUID());
    const token = await authority.issuer.makeToken();
    for (const seen of [0, 1, position]) expect((await call(token, seen)).status).toBe(200);
  });

  it('answers 503 if the verifier does not catch up in time', async () => {
    const token = await authority.issuer.makeToken();
    expect(await call(token, 1_000_000)).toEqual({
      status: 503,
      code: 'revocations_behind',
      retryAfter: '1',
    });
  });

  it('does not change the response to an invalid token', async () => {
    expect((await call('nonsense', 1_000_000)).status).toBe(401);
  });

  it.each(['', '-1', '1.5', 'soon', '1e3', '9'.repeat(16), '1,2'])(
    'answers 400 to %j',
    async (position) => {
      const answer = await call(await authority.issuer.makeToken(), position);
      expect(answer).toMatchObject({ status: 400, code: 'malformed_position' });
    },
  );
});

import { TestAuthority, waitFor } from '@latchkey/testing';
import type { INestApplication } from '@nestjs/common';
import { bearer, get, optionsFor, startGuardedApp } from './guarded-app-fixture.js';
import { VerifierLifecycle } from '../src/index.js';

const SLOW = { timeoutMs: 20_000 };
const CORRECT = { behind: false, ahead: false, localClockWrong: false };

describe.each([
  ['behind', -90, "this machine's clock is 90 s behind the auth service's", 'clock_behind'],
  ['ahead', 600, "this machine's clock is 600 s ahead of the auth service's", 'clock_ahead'],
])('a service whose clock is %s', (_, off, reason, code) => {
  let authority: TestAuthority;
  let app: INestApplication;
  let lifecycle: VerifierLifecycle;
  let aheadSeconds: number;
  let lines: string[];

  const start = async (now: number) => {
    aheadSeconds = now;
    lines = [];
    app = await startGuardedApp('guard', 'fastify', {
      ...optionsFor(authority),
      now: () => Date.now() + aheadSeconds * 1_000,
      onWarning: ({ message }) => lines.push(message),
    });
    lifecycle = app.get(VerifierLifecycle);
  };
  const clocks = () => lifecycle.health().clocks;
  const wrong = {
    issuer: expect.any(String),
    offsetSeconds: expect.closeTo(-off, -1),
    behind: off < 0,
    ahead: off > 0,
    localClockWrong: true,
  };
  const answer = async () => get(app, '/me', bearer(await authority.issuer.makeToken()));

  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
  });
  afterEach(() => app.close());
  afterAll(() => authority.close());

  it.each(['from the start', 'after a change'])('%s reports it and is not ready', async (since) => {
    await start(since === 'from the start' ? off : 0);
    await waitFor(() => since === 'from the start' || lifecycle.readiness().ready, SLOW);
    aheadSeconds = off;
    await waitFor(() => lifecycle.readiness().reasons.includes(reason), SLOW);
    expect(lifecycle.health()).toMatchObject({ ready: false, clocks: [wrong] });
    await waitFor(() => lines.length > 0, SLOW);
    expect(lines[0]).toMatch(/^This machine's clock is .* Synchronize the clocks \(NTP\)/);
  });

  it('is ready again once the clock is corrected', async () => {
    await start(off);
    await waitFor(() => lifecycle.readiness().reasons.includes(reason), SLOW);
    aheadSeconds = 0;
    await waitFor(() => lifecycle.readiness().ready && clocks().length > 0, SLOW);
    expect(clocks()).toEqual([{ ...wrong, offsetSeconds: expect.closeTo(0, -1), ...CORRECT }]);
    expect((await answer()).status).toBe(200);
  });

  it('answers 503 to a valid token, and logs the reason', async () => {
    await start(0);
    await waitFor(() => lifecycle.readiness().ready && clocks().length > 0, SLOW);
    aheadSeconds = off;
    await waitFor(() => lifecycle.readiness().reasons.includes(reason), SLOW);
    const { status, body } = await answer();
    expect({ status, body }).toMatchObject({ status: 503, body: { code } });
    expect(lines.join()).toMatch(
      /A token could not be verified: it is valid by the issuer's clock/,
    );
  });
});

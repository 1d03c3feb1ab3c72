import { ORIGIN, PageFixture, accessToken, sharedToken, tokenResponse } from './page-fixture.js';

const REFRESH = '/oauth/token';
const INVALID_GRANT = { error: 'invalid_grant' };
const LOGGED_IN = { status: 'logged-in', userId: 'alice' };

describe('the session of a tab', () => {
  let page: PageFixture;

  beforeEach(() => {
    page = new PageFixture();
  });
  afterEach(() => page.close());

  const unavailable = expect.objectContaining({ code: 'unavailable' });
  const closed = expect.objectContaining({ code: 'closed' });
  /** The state, or the error of what was begun. Set at once, so that no rejection is unhandled. */
  const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => error);
  const logIn = () => outcomeOf(page.session.logIn('alice', 'password'));
  const order = () => outcomeOf(page.session.fetch(`${ORIGIN}/orders`));
  /** The service does not accept the token. */
  const rejectToken = async () => (await page.request('/orders')).answer(401);

  const startLoggedIn = async () => {
    (await page.request(REFRESH)).answer(200, tokenResponse('alice'));
    expect(await page.requests()).toEqual([]);
    expect(page.session.state).toEqual(LOGGED_IN);
  };
  const startLoggedOut = async () => {
    (await page.request(REFRESH)).answer(400, { error: 'invalid_request' });
    expect(await page.requests()).toEqual([]);
    expect(page.session.state).toEqual({ status: 'logged-out' });
  };

  describe('after auth asked for a pause', () => {
    beforeEach(async () => {
      await startLoggedIn();
      const ordering = order();
      await rejectToken();
      (await page.request(REFRESH)).answer(503, undefined, { 'retry-after': '600' });
      expect(await ordering).toEqual(unavailable);
    });

    it('keeps it', async () => {
      const ordering = order();
      await rejectToken();
      expect(await ordering).toMatchObject({ code: 'unavailable', retryAfterSeconds: 600 });
      expect(await page.requests()).toEqual([]);
      await page.pass(599_000);
      expect(await page.requests()).toEqual([]);
      await page.pass(1_000);
      await page.request(REFRESH);
    });

    it.each<[string, () => unknown]>([
      ['another tab has a token', () => page.tell({ token: sharedToken('alice', 'newer') })],
      [
        'the user logs in',
        async () => {
          const loggingIn = logIn();
          (await page.request('/login')).answer(200, tokenResponse('alice', 'newer'));
          await loggingIn;
        },
      ],
    ])('forgets it when %s', async (_, get) => {
      await page.pass(1_000);
      await get();
      const ordering = order();
      await rejectToken();
      (await page.request(REFRESH)).answer(200, tokenResponse('alice', 'newest'));
      const repeated = await page.request('/orders');
      expect(repeated.authorization).toBe(`Bearer ${accessToken('alice', 'newest')}`);
      repeated.answer(200);
      expect(await ordering).toMatchObject({ status: 200 });
    });
  });

  it('does not take a refresh that a log-out cancelled for a failure of auth', async () => {
    await startLoggedIn();
    const ordering = order();
    await rejectToken();
    await page.request(REFRESH);
    page.tell({ ended: 'session of alice' });
    expect(await ordering).toMatchObject({ code: 'logged-out' });
    const loggingIn = page.session.logIn('bob', 'password');
    (await page.request('/login')).answer(200, tokenResponse('bob'));
    await loggingIn;
    await page.pass(232_000);
    expect(await page.requests()).toEqual([]);
    await page.pass(1_000);
    await page.request(REFRESH);
  });

  it('gives up a log-in without an answer after 20 s, and sends the next one', async () => {
    await startLoggedOut();
    const stalled = logIn();
    await page.request('/login');
    const next = logIn();
    await page.pass(19_999);
    expect(await page.requests()).toEqual([]);
    await page.pass(1);
    expect(await stalled).toEqual(unavailable);
    (await page.request('/login')).answer(200, tokenResponse('alice'));
    expect(await next).toBeUndefined();
    expect(page.session.state).toEqual(LOGGED_IN);
  });

  it('gives up a log-out without an answer after 20 s, and stays logged in', async () => {
    await startLoggedIn();
    const stalled = outcomeOf(page.session.logOut());
    await page.request('/logout');
    await page.pass(20_000);
    expect(await stalled).toEqual(unavailable);
    expect(page.session.state).toEqual(LOGGED_IN);
  });

  it.each(['/logout', '/logout/everywhere'])(
    'says of POST %s whether services know of it',
    async (path) => {
      const everywhere = path !== '/logout';
      await startLoggedIn();
      const logOut = async (status: number, body?: object) => {
        const loggingOut = outcomeOf(page.session.logOut({ everywhere }));
        (await page.request(path)).answer(status, body);
        return loggingOut;
      };
      // Nothing that auth sends: another server may have answered.
      expect(await logOut(202, { accepted: true })).toEqual(unavailable);
      expect(page.session.state).toEqual(LOGGED_IN);
      const pending = { accessTokensMayLiveSeconds: 480 };
      expect(await logOut(202, { recorded: true, ...pending })).toEqual({
        published: false,
        ...pending,
      });
      expect(page.session.state).toEqual({ status: 'logged-out' });
      const loggingIn = logIn();
      (await page.request('/login')).answer(200, tokenResponse('bob'));
      await loggingIn;
      expect(await logOut(204)).toEqual({ published: true });
    },
  );

  describe('logs out before it knows the session', () => {
    let loggingOut: Promise<unknown>;
    let refresh: Awaited<ReturnType<PageFixture['request']>>;

    beforeEach(async () => {
      refresh = await page.request(REFRESH);
      loggingOut = outcomeOf(page.session.logOut());
      expect(await page.requests()).toEqual([]);
    });
    afterEach(async () => {
      expect(await loggingOut).toEqual({ published: true });
      await page.pass(600_000);
      expect(await page.requests()).toEqual([]);
      expect(page.session.state).toEqual({ status: 'logged-out' });
    });

    it('when the refresh brings a token', async () => {
      refresh.answer(200, tokenResponse('alice'));
      const request = await page.request('/logout');
      expect(request.authorization).toBe(`Bearer ${accessToken('alice')}`);
      request.answer(204);
    });

    it('when the session is over', async () => {
      refresh.answer(400, INVALID_GRANT);
      (await page.request(REFRESH)).answer(400, INVALID_GRANT);
      (await page.request('/logout')).answer(401, { code: 'missing_token' });
    });

    it('when another tab has a token', async () => {
      refresh.answer(503);
      const request = await page.request('/logout');
      page.tell({ token: sharedToken('alice', 'newer') });
      request.answer(204);
      // The session asks twice before it believes that it is over.
      (await page.request(REFRESH)).answer(400, INVALID_GRANT);
      (await page.request(REFRESH)).answer(400, INVALID_GRANT);
    });

    it('when the refresh fails, and does not refresh meanwhile', async () => {
      refresh.answer(503);
      const request = await page.request('/logout');
      expect(request.authorization).toBeNull();
      await page.pass(10_000);
      expect(await page.requests()).toEqual([]);
      request.answer(204);
    });
  });

  describe('when it is closed', () => {
    it('rejects every call, and sends nothing', async () => {
      await startLoggedIn();
      page.session.close();
      const calls = [logIn(), order(), page.session.logOut(), page.session.token()];
      for (const call of calls) expect(await outcomeOf(call)).toEqual(closed);
      expect(await page.requests()).toEqual([]);
    });

    it('rejects a log-in that is under way', async () => {
      await startLoggedOut();
      const loggingIn = logIn();
      const request = await page.request('/login');
      page.session.close();
      request.answer(200, tokenResponse('alice'));
      expect(await loggingIn).toEqual(closed);
      expect(page.session.state).toEqual({ status: 'logged-out' });
    });
  });
});

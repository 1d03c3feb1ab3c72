import { AuthClient, type LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { randomUUID } from 'node:crypto';
import { ConsoleVisit } from './console-visit.js';
import { DecoderPage } from './decoder-page.js';
import { sharedStack } from '../../src/shared-stack.js';
import { claims, makeKey } from './decoder-tokens.js';

/** What the decoder sends, and what it knows about tokens of the system that serves it. */
describe('the decoder, with a token of this system', () => {
  let stack: LatchkeyStack;
  let auth: AuthClient;
  let browser: TestBrowser;
  let visit: ConsoleVisit;
  let decoder: DecoderPage;

  beforeAll(async () => {
    [browser, stack] = await Promise.all([startTestBrowser(), sharedStack()]);
    auth = new AuthClient(stack.issuer);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    visit = await ConsoleVisit.open(browser, `${stack.issuer}/console/`);
    decoder = await DecoderPage.ready(visit.page);
  });
  afterEach(async () => {
    expect(await visit.violations()).toEqual([]);
    expect(visit.errors).toEqual([]);
    await visit.close();
  });

  const logIn = async () => {
    const account = { username: `user-${randomUUID()}`, password: randomUUID() };
    await auth.register(account);
    return auth.logIn(account);
  };
  const revocation = (state: string) => visit.page.locator(`[data-revocation=${state}]`);

  it('says that it is not revoked, and then how it was', async () => {
    const { access_token: token } = await logIn();
    await decoder.paste(token);
    await decoder.verdict('valid');
    await revocation('answered')
      .getByText(/^Revoked\? No: as of \d+\.\d s ago; /)
      .waitFor();
    expect(await decoder.rule('revocation', 'passed')).toBeTruthy();
    await auth.logOut(token);
    await revocation('answered')
      .getByText(/^Revoked\? Yes: its user logged out, at \d\d:\d\d:\d\d/)
      .waitFor();
    await decoder.verdict('invalid');
    await decoder.rule('revocation', 'failed');
  });

  it('asks with ids only, and only about a token that this system has signed', async () => {
    const { access_token: token } = await logIn();
    const own = { iss: stack.issuer, jti: randomUUID(), sid: randomUUID() };
    const key = await makeKey('RS256');
    await decoder.paste(await key.sign(claims(own)));
    await revocation('unproven').waitFor();
    await decoder.useKey(JSON.stringify(key.jwk));
    await decoder.verdict('valid');
    await revocation('unproven').waitFor();
    await decoder.paste(await key.sign(claims({ jti: randomUUID() })));
    await decoder.verdict('valid');
    await revocation('foreign').waitFor();
    await decoder.paste(await key.sign(claims({ iss: undefined })));
    await revocation('nameless').waitFor();
    const questions = () => visit.requests.filter((request) => request.method() === 'POST');
    expect(questions()).toEqual([]);

    await visit.page.getByText('This system', { exact: true }).click();
    await decoder.paste(token);
    await revocation('answered').waitFor();
    expect(questions()).not.toEqual([]);
    for (const question of questions()) {
      expect(question.url()).toBe(`${stack.issuer}/revocations/status`);
      expect(Object.keys(question.postDataJSON() as object).sort()).toEqual([
        'client_id',
        'iat',
        'jti',
        'kid',
        'sid',
        'sub',
      ]);
    }
  });

  it('asks again for a system that does not answer, and does not take its token for foreign', async () => {
    const { page } = visit;
    const { access_token: token } = await logIn();
    let asked = 0;
    let isDown = true;
    await page.route('**/.well-known/oauth-authorization-server', async (route) => {
      asked++;
      if (asked === 1) await route.abort();
      else if (isDown) await route.fulfill({ status: 503 });
      else await route.continue();
    });
    const answered = page.waitForResponse((response) => response.status() === 503);
    await page.reload();
    await decoder.paste(token);
    await answered;
    await revocation('asking').waitFor();
    isDown = false;
    await revocation('answered').waitFor();
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(visit.errors.splice(0).every((error) => /ERR_FAILED|503/.test(error))).toBe(true);
  });

  it('finds a key that was published after the page was opened', async () => {
    const { page } = visit;
    const { access_token: token } = await logIn();
    let asked = 0;
    let isPublished = false;
    await page.route('**/.well-known/jwks.json', async (route) => {
      asked++;
      if (!isPublished) return route.fulfill({ json: { keys: [] } });
      return asked === 2 ? route.fulfill({ status: 503 }) : route.continue();
    });
    await page.reload();
    await DecoderPage.ready(page);
    isPublished = true;
    await decoder.paste(token);
    await decoder.verdict('valid');
    expect(asked).toBe(3);
    expect(visit.errors.splice(0).every((error) => error.includes('503'))).toBe(true);
  });

  it('sends, stores and shows no part of the token anywhere else', async () => {
    const { page, context } = visit;
    const historyLength = await page.evaluate('history.length');
    const { access_token: token } = await logIn();
    for (const text of [token, `Bearer ${token}`, `https://shop.test/#access_token=${token}`]) {
      await decoder.paste(text);
      await decoder.verdict('valid');
      await revocation('answered').waitFor();
    }
    await page.getByRole('button', { name: 'Make one' }).click();
    await page.getByRole('button', { name: 'Sign and decode' }).click();
    await decoder.verdict('valid');
    const pieces = token.split('.').flatMap((segment) => segment.match(/.{12}/g) ?? []);
    const sent = await Promise.all(
      visit.requests.map(
        async (request) =>
          request.url() + (request.postData() ?? '') + JSON.stringify(await request.allHeaders()),
      ),
    );
    const kept = await page.evaluate<string>(`(async () => JSON.stringify([
      location.href, document.title, document.cookie, history.state, window.name,
      { ...localStorage }, { ...sessionStorage },
      await indexedDB.databases(), await caches.keys(),
    ]))()`);
    const everywhere = [...sent, kept, JSON.stringify(await context.cookies())].join('\n');
    expect(sent.length).toBeGreaterThan(5);
    expect(pieces.filter((piece) => everywhere.includes(piece))).toEqual([]);
    expect(page.url()).toBe(`${stack.issuer}/console/#/decode`);
    expect(await page.evaluate('history.length')).toBe(historyLength);
  });
});

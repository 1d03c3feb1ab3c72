import type { LatchkeyStack } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { createTestCertificates } from '@latchkey/testing/certificates';
import { importPKCS8 } from 'jose';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConsoleVisit } from './console-visit.js';
import { DecoderPage } from './decoder-page.js';
import { sharedStack } from '../../src/shared-stack.js';
import { base64url, claims, makeKey, signed, type TestKey } from './decoder-tokens.js';
import { differingVectors, publishedVectors } from './decoder-vectors.js';

type Fields = Readonly<Record<string, string>>;

describe('the decoder', () => {
  let stack: LatchkeyStack;
  let browser: TestBrowser;
  let visit: ConsoleVisit;
  let decoder: DecoderPage;
  let key: TestKey;

  beforeAll(async () => {
    [browser, stack, key] = await Promise.all([
      startTestBrowser(),
      sharedStack(),
      makeKey('ES256'),
    ]);
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

  it('finds the token in whatever is pasted', async () => {
    const token = await key.sign(claims());
    const pastes = [
      token,
      `Bearer ${token}`,
      `"${token}"`,
      token.replaceAll(/.{64}/g, '$&\n'),
      `Authorization: Bearer ${token}`,
      `curl -H 'Authorization: Bearer ${token}' https://orders.test`,
      `Cookie: theme=dark; __Host-access_token=${token}; other=1`,
      `https://shop.test/callback#access_token=${token}&token_type=Bearer`,
      JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 300 }),
    ];
    await decoder.useKey(JSON.stringify(key.jwk));
    for (const paste of pastes) {
      await decoder.paste(paste);
      await decoder.verdict('valid');
      expect(await decoder.panel('Claims').innerText()).toContain('ada-lovelace');
    }
  });

  it('answers to a megabyte of pasted text, with a token in it or without', async () => {
    const { page } = visit;
    const token = await key.sign(claims());
    const log = '2026-11-30T12:00:00Z GET /orders 200 “ada” a.b.c {"x":[1]}\n'.repeat(8_500);
    await decoder.useKey(JSON.stringify(key.jwk));
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await decoder.pasteFromClipboard(`${log}Authorization: Bearer ${token}\n${log}`);
    await decoder.verdict('valid');
    expect(await decoder.panel('Claims').innerText()).toContain('ada-lovelace');
    for (const text of [log + log, 'x'.repeat(1_000_000), 'a.'.repeat(500_000)]) {
      await page.getByRole('button', { name: 'Clear' }).click();
      await decoder.pasteFromClipboard(text);
      await page.locator('[data-verdict]').waitFor();
    }
  });

  it('shows header, claims and signature, with what they mean and times that tick', async () => {
    const token = await key.sign(claims({ sub: 'ada-lovelace' }));
    await decoder.paste(token);
    const shown = await decoder.panel('Claims').innerText();
    expect(shown).toContain('RFC 7519 §4.1.1');
    const distance = decoder.panel('Claims').locator('.time-distance').last();
    const before = await distance.innerText();
    expect(before).toMatch(/^in 9 minutes \d+ seconds?$/);
    await distance.filter({ hasNotText: before }).waitFor();
    expect(await decoder.panel('Header').innerText()).toContain('ES256');
    expect(await decoder.panel('Signature').innerText()).toContain('64 B');
    const parts = await visit.page.locator('.token-coloured .segment').allInnerTexts();
    expect(parts).toEqual(token.split('.'));
  });

  it('chooses among several tokens, and opens one inside of another', async () => {
    const inner = await key.sign(claims({ sub: 'grace-hopper' }));
    const outer = await key.sign(claims({ subject_token: inner }));
    await decoder.paste(JSON.stringify({ access_token: outer, id_token: inner }));
    await visit.page.getByText('id_token', { exact: true }).click();
    await decoder.panel('Claims').getByText('grace-hopper').waitFor();
    await visit.page.getByText('access_token', { exact: true }).click();
    await visit.page.getByRole('button', { name: 'Open this token' }).click();
    await decoder.panel('Claims').getByText('grace-hopper').waitFor();
    await visit.page.getByRole('button', { name: 'Back to the token around it' }).click();
    await decoder.panel('Claims').getByText('ada-lovelace').waitFor();
    // The payload is a token as a whole (RFC 7519 §5.2).
    await decoder.paste(await key.sign(inner, { cty: 'JWT' }));
    await visit.page.getByRole('button', { name: 'Open this token' }).click();
    await decoder.panel('Claims').getByText('grace-hopper').waitFor();
  });

  it('shows all digits of a number, and the pointer of a fault as visible text', async () => {
    await decoder.paste(await key.sign('{"n":9007199254740993,"exp":12345678901234567890}'));
    const shown = await decoder.panel('Claims').innerText();
    expect(shown).toContain('9007199254740993');
    expect(shown).toContain('12345678901234567890');
    await decoder.paste(await key.sign('{"a\u202e":{"b":1,"b":2}}'));
    const faults = await decoder.panel('Token').innerText();
    expect(faults).toContain('/a\\u202e');
    expect(faults).not.toContain('\u202e');
  });

  it('says that it cannot make tokens without a secure context', async () => {
    const { page } = visit;
    await page.addInitScript(() =>
      Object.defineProperty(globalThis, 'isSecureContext', { value: false }),
    );
    await page.reload();
    await page.getByText('Without TLS, the browser gives this page no cryptography').waitFor();
    for (const name of ['Make one', 'A valid token'])
      expect(await page.getByRole('button', { name }).isDisabled()).toBe(true);
  });

  it('shows everything of a broken token, and marks the place', async () => {
    const header = base64url('{"alg":"ES256"}');
    await decoder.paste(`${header}.${base64url('{"sub":"ada","aud" "orders"}')}.AAAA`);
    await decoder.verdict('invalid');
    expect(await decoder.panel('Token').innerText()).toContain('line 1, column 20 of its JSON');
    expect(await visit.page.locator('.token-coloured .segment-fault').count()).toBe(1);
    expect(await visit.page.locator('.json-fault').innerText()).toBe('"orders"');
    await visit.page.getByRole('button', { name: 'Show the place' }).first().click();
    const selected = await visit.page.evaluate<string>(`(() => {
      const { value, selectionStart, selectionEnd } = document.activeElement;
      return value.slice(selectionStart, selectionEnd);
    })()`);
    expect(selected).toBe(await visit.page.locator('.token-coloured .segment-fault').innerText());
    await decoder.panel('Claims').getByText('Explained').click();
    expect(await decoder.panel('Claims').innerText()).toContain('ada');
    for (const text of ['not a token', `${header}.`, 'a.b', '....', '{"a":', `${header}.!!!.x`]) {
      await decoder.paste(text);
      expect(await visit.page.locator('main').innerText()).not.toBe('');
    }
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  const BROKEN: [rule: string, make: () => Promise<string> | string, expected?: Fields][] = [
    ['structure', () => `${base64url('{"alg":"ES256"}')}.${base64url('{}')}`],
    ['encoding', async () => (await key.sign(claims())).replace(/\./, '=.')],
    ['json', () => `${base64url('{"alg":"ES256"}')}.${base64url('{"sub":}')}.AAAA`],
    ['duplicates', () => key.sign('{"sub":"ada","sub":"eve"}')],
    ['claims', () => key.sign(claims({ exp: 'tomorrow' }))],
    ['algorithm', () => `${base64url('{"alg":"none"}')}.${base64url('{}')}.`],
    [
      'critical',
      () => `${base64url('{"alg":"ES256","crit":["x"],"x":1}')}.${base64url('{}')}.AAAA`,
    ],
    ['key', () => key.sign(claims(), { kid: 'another' })],
    [
      'key_fits',
      () => signed(new TextEncoder().encode(key.pem), claims(), { alg: 'HS256', kid: 'key-ES256' }),
    ],
    ['signature', async () => (await key.sign(claims())).replace(/.{6}$/, 'AAAAAA')],
    ['type', () => key.sign(claims()), { 'Type (typ)': 'at+jwt' }],
    ['expiry', () => key.sign(claims({ exp: seconds() - 60 }))],
    ['not_before', () => key.sign(claims({ nbf: seconds() + 60 }))],
    ['issued_at', () => key.sign(claims({ iat: seconds() + 60 }))],
    ['lifetime', () => key.sign(claims()), { 'Longest lifetime in seconds': '60' }],
    ['issuer', () => key.sign(claims()), { 'Issuer (iss)': 'https://issuer.test/' }],
    ['audience', () => key.sign(claims()), { 'Audience (aud)': 'payments' }],
    ['required_claims', () => key.sign(claims({ client_id: undefined }), { typ: 'at+jwt' })],
  ];

  it('reports which rule a token breaks, and why that matters', async () => {
    await decoder.useKey(JSON.stringify({ keys: [key.jwk] }));
    for (const [rule, make, expected = {}] of BROKEN) {
      await decoder.expect(expected);
      await decoder.paste(await make());
      expect(await decoder.rule(rule, 'failed')).toMatch(/RFC|OpenID/);
      await decoder.verdict('invalid');
      await decoder.expect(Object.fromEntries(Object.keys(expected).map((name) => [name, ''])));
    }
  });

  it('tolerates a difference of clocks', async () => {
    await decoder.useKey(JSON.stringify(key.jwk));
    await decoder.paste(await key.sign(claims({ iat: seconds() - 100, exp: seconds() - 20 })));
    await decoder.verdict('invalid');
    await decoder.expect({ 'Clock tolerance in seconds': '60' });
    await decoder.verdict('valid');
    // Without a choice, as much as services do.
    const now = seconds();
    await visit.page.clock.setFixedTime(now * 1000);
    await decoder.expect({ 'Clock tolerance in seconds': '' });
    await decoder.paste(await key.sign(claims({ iat: now + 5, exp: now + 60 })));
    expect(await decoder.rule('issued_at', 'passed')).toContain('within the tolerance for clocks');
    await decoder.verdict('valid');
    await decoder.expect({ 'Clock tolerance in seconds': '4' });
    await decoder.verdict('invalid');
  });

  it('checks every kind of signature with a JWK, a JWK Set and PEM', async () => {
    for (const alg of ['RS256', 'PS384', 'ES256', 'ES384', 'EdDSA']) {
      const [own, other] = await Promise.all([makeKey(alg), makeKey(alg)]);
      await decoder.paste(await own.sign(claims()));
      await decoder.verdict('unverified');
      const withoutKid = { ...own.jwk, kid: undefined };
      for (const text of [
        JSON.stringify(own.jwk),
        JSON.stringify({ keys: [{ ...other.jwk, kid: 'other' }, own.jwk] }),
        JSON.stringify({ keys: [{ ...other.jwk, kid: undefined }, withoutKid] }),
        own.pem,
      ]) {
        await decoder.useKey(text);
        await decoder.verdict('valid');
        await decoder.useKey('');
        await decoder.verdict('unverified');
      }
      await decoder.useKey(other.pem);
      await decoder.verdict('invalid');
      await decoder.useKey('');
    }
  });

  it('checks with a certificate, and with a shared secret, of which a short one is warned of', async () => {
    const certificates = await createTestCertificates();
    const { certFile, keyFile } = certificates.client;
    const signing = await importPKCS8(readFileSync(keyFile, 'utf8'), 'ES256');
    await decoder.paste(await signed(signing, claims(), { alg: 'ES256' }));
    await decoder.useKey(readFileSync(certFile, 'utf8'));
    await decoder.verdict('valid');
    certificates.remove();

    const secret = new TextEncoder().encode('sesame');
    await decoder.paste(await signed(secret, claims(), { alg: 'HS256' }));
    await decoder.useKey('sesame');
    await decoder.verdict('valid');
    await visit.page.locator('[data-warning=short_secret]').waitFor();
    await decoder.useKey('parsley');
    await decoder.verdict('invalid');
  });

  it('judges the signatures of the RFCs and of Wycheproof as jose does', async () => {
    const groups = await publishedVectors();
    expect(groups.flatMap(({ vectors }) => vectors).length).toBeGreaterThan(430);
    await decoder.useKey('');
    // The page looks for a token in what is pasted, and leaves out what is around it: here a dot, and a character.
    // jose was asked for a compact token, so it refuses the JSON serialization, whose signature the page judges.
    expect(await differingVectors(decoder, groups)).toEqual([
      'Wycheproof 14 rejectsExtraEmptyComponent',
      'Wycheproof 17 rejectsValidJsonSerialization',
      'Wycheproof 362 rejectsInvalidCharacterInsertedInMac',
    ]);
  });

  it('fetches a key set, or the one that metadata name, and explains what it cannot read', async () => {
    const asked: string[] = [];
    const server = createServer(({ url = '', headers }, response) => {
      asked.push(url + JSON.stringify(headers));
      const { port } = server.address() as AddressInfo;
      if (url !== '/hidden') response.setHeader('access-control-allow-origin', '*');
      const documents: Readonly<Record<string, unknown>> = {
        '/jwks': { keys: [key.jwk] },
        '/metadata': { jwks_uri: `http://127.0.0.1:${port}/jwks` },
        '/hidden': { keys: [] },
      };
      response.statusCode = url in documents ? 200 : 404;
      response.end(JSON.stringify(documents[url] ?? {}));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const token = await key.sign(claims());
    await decoder.paste(token);
    await visit.page.getByText('URL', { exact: true }).click();
    const fetchKeys = async (address: string) => {
      await visit.page.getByLabel('Address of a key set').fill(address);
      await visit.page.getByRole('button', { name: 'Fetch' }).click();
    };
    for (const path of ['/jwks', '/metadata']) {
      await fetchKeys(base + path);
      await decoder.verdict('valid');
      await fetchKeys('jwks');
      await visit.page.getByText('This is not an address.').waitFor();
    }
    for (const [address, message] of [
      [`${base}/missing`, 'The server answered with 404'],
      [`${base}/hidden`, 'The browser could not read it'],
      ['http://issuer.test/jwks', 'has to begin with https://'],
      ['https://ada:secret@issuer.test/jwks', 'must not contain a user'],
      ['http://[::1]:4000/jwks', 'Only localhost and 127.0.0.1 may use http://'],
    ] as const) {
      await fetchKeys(address);
      await visit.page.getByText(message).waitFor();
    }
    expect(asked.join()).not.toContain(token.slice(-20));
    // Chromium reports what it could not fetch as an error of the page.
    expect(visit.errors.splice(0).every((error) => /404|CORS|ERR_FAILED/.test(error))).toBe(true);
    server.close();
    server.closeAllConnections();
  });

  it('shows hostile content harmlessly', async () => {
    const bomb = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`member${i}`, bomb]));
    const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`;
    const payloads = [
      JSON.stringify({ sub: bomb, [bomb]: bomb, url: 'javascript:window.hacked=1' }),
      JSON.stringify({ sub: 'user\u202etxt.exe', nul: 'a\u0000b\u200bc', 'na\u2066me': 1 }),
      JSON.stringify({ sub: '👩‍👩‍👧'.repeat(1_000) }),
      JSON.stringify({ sub: 'first', ...many }),
      `{"sub":"ada","deep":${deep}}`,
      JSON.stringify({ sub: 'x'.repeat(1_000_000) }),
    ];
    visit.page.on('dialog', () => expect('a dialog').toBe('none'));
    for (const payload of payloads) {
      await decoder.paste(
        `Bearer ${await key.sign(payload, { kid: bomb, jku: 'https://x.test' })}`,
      );
      for (const view of ['JSON', 'Explained'])
        await decoder.panel('Claims').getByText(view, { exact: true }).click();
      await decoder.panel('Claims').getByText('sub', { exact: true }).waitFor();
    }
    await decoder.paste(await key.sign(payloads[1]));
    const shown = await decoder.panel('Claims').innerText();
    for (const escape of ['\\u202e', '\\u0000', '\\u200b', '\\u2066'])
      expect(shown).toContain(escape);
    expect(shown).not.toMatch(/[\u202e\u2066\u0000\u200b]/);
    expect(await visit.page.evaluate('window.hacked')).toBeUndefined();
    expect(
      await visit.page.locator('main img, main script, main a[href^="javascript"]').count(),
    ).toBe(0);
  });

  it('makes tokens with claims of one’s own, and a key of every kind', async () => {
    const { page } = visit;
    for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256', 'HS512']) {
      await page.getByRole('button', { name: 'Make one' }).click();
      await page.getByLabel('Algorithm').selectOption(alg);
      const text = page.getByLabel('Claims, as JSON');
      for (const [broken, message] of [
        ['{"sub":', 'not valid JSON'],
        ['[1]', 'have to be a JSON object'],
      ] as const) {
        await text.fill(broken);
        await page.getByRole('button', { name: 'Sign and decode' }).click();
        await page.getByText(message).waitFor();
      }
      await text.fill(JSON.stringify(claims({ sub: 'made-here', client_id: 'shop', jti: 'x' })));
      await page.getByRole('button', { name: 'Sign and decode' }).click();
      await decoder.panel('Header').getByText(alg, { exact: true }).waitFor();
      await decoder.verdict('valid');
      expect(await decoder.panel('Claims').innerText()).toContain('made-here');
    }
  });
});

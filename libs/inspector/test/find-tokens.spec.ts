import { findTokens, MAX_TEXT_CHARACTERS } from '../src/index.js';
import { base64url, signed, unsigned } from './making-tokens.js';

const LONG = unsigned(
  { alg: 'RS256', kid: 'a' },
  { sub: 'ada', aud: ['orders', 'payments'] },
  'A'.repeat(342),
);
const TOKEN = await signed();
const JWE = `${base64url({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AAAA.BBBB.CCCC.${'D'.repeat(22)}`;

const wrap = (text: string, width: number, joint: string) =>
  text.match(new RegExp(`.{1,${width}}`, 'g'))!.join(joint);

/** Texts that contain exactly one token. */
const PASTED: [title: string, text: string, expected?: string][] = [
  ['alone', TOKEN],
  ['with line breaks around it', `\r\n ${TOKEN}\t\n`],
  ['in quotes', `"${TOKEN}"`],
  ['in single quotes and a comma', `'${TOKEN}',`],
  ['in back quotes', `\`${TOKEN}\``],
  ['after Bearer', `Bearer ${TOKEN}`],
  ['after bearer in lower case', `bearer  ${TOKEN}`],
  ['in a header', `Authorization: Bearer ${TOKEN}`],
  ['in a command', `curl -H 'Authorization: Bearer ${TOKEN}' http://localhost:4010/orders`],
  ['in a cookie', `Cookie: theme=dark; access_token=${TOKEN}; lang=en`],
  ['in Set-Cookie', `Set-Cookie: __Host-at=${TOKEN}; Path=/; Secure; HttpOnly`],
  ['in a URL with a fragment', `https://app.test/cb#access_token=${TOKEN}&token_type=Bearer`],
  ['in the query of a URL', `https://app.test/cb?id_token=${TOKEN}`],
  ['in the path of a URL', `https://app.test/confirm/${TOKEN}/now`],
  ['percent-encoded in a URL', `https://app.test/?t=${encodeURIComponent(`Bearer ${TOKEN}`)}`],
  ['in JSON', JSON.stringify({ access_token: TOKEN, token_type: 'Bearer', expires_in: 300 })],
  ['in JSON in JSON', JSON.stringify({ body: JSON.stringify({ token: TOKEN }) })],
  ['in a log line', `2026-11-30 12:00:00 [warn] token=${TOKEN} rejected`],
  ['in a sentence', `It is ${TOKEN}.`],
  ['in parentheses', `(${TOKEN})`],
  ['in source code', `const token = "${TOKEN}";`],
  ['in HTML', `<input type=hidden value="${TOKEN}">`],
  ['in lines of 64', wrap(LONG, 64, '\n'), LONG],
  ['in lines of 76 with CRLF', wrap(LONG, 76, '\r\n'), LONG],
  ['in indented lines', `token:\n    ${wrap(LONG, 60, '\n    ')}\nnext: value`, LONG],
  ['in quoted mail', `> ${wrap(LONG, 70, '\n> ')}`, LONG],
  ['in lines of a shell', `TOKEN=${wrap(LONG, 70, '\\\n')}`, LONG],
  ['in literals that are added', `"${wrap(LONG, 70, '" +\n  "')}"`, LONG],
  ['with escaped line breaks', JSON.stringify(wrap(LONG, 70, '\n')), LONG],
  ['as RFCs print it', wrap(LONG, 68, '\n     ').replaceAll('.', '\n     .\n     '), LONG],
  ['followed by a line of text', `${TOKEN}\nRegards`],
  ['followed by a line of text, long', `${LONG}\nRegards`, LONG],
  ['with padding', `${TOKEN}=`, `${TOKEN}=`],
  ['with padding that is percent-encoded', `${TOKEN}%3D`, `${TOKEN}=`],
  [
    'in standard base64',
    unsigned({ alg: 'RS256' }, {}, 'A/+A'),
    unsigned({ alg: 'RS256' }, {}, 'A/+A'),
  ],
  ['in base64, as in a Secret of Kubernetes', `data:\n  token: ${btoa(TOKEN)}\n`],
  ['in base64, in lines of 76', `${wrap(btoa(LONG), 76, '\n')}\nRegards`, LONG],
  ['in base64, twice', `${btoa(TOKEN)} ${btoa(TOKEN)}`],
  ['in base64url', btoa(LONG).replaceAll('=', ''), LONG],
  ['in base64, behind a name for tokens', JSON.stringify({ access_token: btoa(TOKEN) })],
  ['in base64, with a line break at its end', btoa(`${TOKEN}\n`)],
  ['without a signature', unsigned({ alg: 'none' }, {}, ''), unsigned({ alg: 'none' }, {}, '')],
  ['encrypted', `Bearer ${JWE}`, JWE],
  ['after a byte order mark', `\uFEFF${TOKEN}`],
  [
    'with white space in its header',
    `${base64url('{ "alg" : "HS256" }')}.e30.AAAA`,
    `${base64url('{ "alg" : "HS256" }')}.e30.AAAA`,
  ],
  [
    'with a line break in its header',
    `${base64url('{\r\n "alg":"HS256"}')}.e30.AAAA`,
    `${base64url('{\r\n "alg":"HS256"}')}.e30.AAAA`,
  ],
  ['an SD-JWT', `${TOKEN}~WyJh~`, `${TOKEN}~WyJh~`],
  ['in smart quotes', `“${TOKEN}”`],
  ['after DPoP', `Authorization: DPoP ${TOKEN}`],
  ['after Bearer without a blank', `bearer${TOKEN}`],
  ['in a list or a diff', `-${TOKEN}`],
  ['after letters and an underscore', `token_${LONG}`, LONG],
  ['twice without anything in between', TOKEN + TOKEN],
  ['before three dots', `${TOKEN}...`],
  ['encrypted before two dots', `${JWE}..`, JWE],
  ['with zero-width characters', LONG.replaceAll(/.{50}/g, '$&\u200b'), LONG],
  [
    'with a byte order mark and soft hyphens',
    `\uFEFF${LONG.replaceAll(/.{70}/g, '$&\u00ad')}`,
    LONG,
  ],
  ['with dots that are percent-encoded', `?t=${TOKEN.replaceAll('.', '%2E')}`],
  ['encoded twice in a URL', encodeURIComponent(encodeURIComponent(JSON.stringify({ t: TOKEN })))],
  ['in HTML that is escaped', `{&quot;access_token&quot;:&quot;${TOKEN}&quot;}`],
  ['in the source of a mail', `token=3D${wrap(LONG, 60, '=\r\n')}\r\n`, LONG],
  ['after an escape of JSON', `\\u0022${TOKEN}\\u0022`],
  ['coloured by a terminal', `\u001b[1;32m${TOKEN}\u001b[0m`],
  ['after thousands of words that begin as one', `${'exception '.repeat(3_000)}${TOKEN}`],
];

describe('a token is found', () => {
  it('in lines of any width, wherever they break', () => {
    const widths = Array.from({ length: LONG.length - 40 }, (_, index) => index + 40);
    const wrong = widths.filter((width) => {
      const { tokens } = findTokens(wrap(LONG, width, '\n'));
      return tokens.length !== 1 || tokens[0]?.token !== LONG;
    });
    // There, a line ends with the 171st character of the signature, where that of a 1024-bit key is complete.
    expect(wrong).toEqual([131, 262]);
  });

  it.each(PASTED)('%s', (_, text, expected = TOKEN) => {
    const { tokens } = findTokens(text);
    expect(tokens.map(({ token }) => token)).toEqual([expected]);
    const [{ start, end, changes }] = tokens as [(typeof tokens)[0]];
    if (changes.length === 0) expect(text.slice(start, end)).toBe(expected);
  });
});

it('says where a token was, and what was changed', () => {
  const found = (text: string) =>
    findTokens(text).tokens.map(({ place, name, changes }) => [place, name, ...changes]);
  expect(found(TOKEN)).toEqual([['text', undefined]]);
  expect(found(`Authorization: Bearer ${TOKEN}`)).toEqual([['bearer', 'Authorization']]);
  expect(found(`Bearer ${TOKEN}`)).toEqual([['bearer', undefined]]);
  expect(found(`a=b; sid=${TOKEN}`)).toEqual([['parameter', 'sid']]);
  expect(found(`{"id_token": "${TOKEN}"}`)).toEqual([['parameter', 'id_token']]);
  expect(found(wrap(LONG, 64, '\n'))).toEqual([['text', undefined, 'line_breaks_removed']]);
  expect(found(`?t=${TOKEN}%3D`)).toEqual([['parameter', 't', 'percent_decoded']]);
  expect(found(`DPoP ${TOKEN}`)).toEqual([['bearer', undefined]]);
  expect(found(`${LONG}\u200b`)).toEqual([['text', undefined, 'invisible_removed']]);
  expect(found(`token: ${btoa(TOKEN)}`)).toEqual([['parameter', 'token', 'base64_decoded']]);
  expect(found(TOKEN + TOKEN)).toEqual([['text', undefined, 'repetition_removed']]);
});

it('finds all tokens of a response, also those that are not JWTs', () => {
  const response = { access_token: TOKEN, id_token: LONG, refresh_token: 'tGzv3JOkF0XG5Qx2TlKWIA' };
  const { tokens } = findTokens(JSON.stringify(response, null, 2));
  expect(Object.fromEntries(tokens.map(({ name, token }) => [name, token]))).toEqual(response);
  for (const scheme of ['Bearer', 'bearer', 'DPoP'])
    expect(
      findTokens(`GET / HTTP/1.1\nAuthorization: ${scheme} 2YotnFZFEjr1zCsicMWpAA`).tokens,
    ).toMatchObject([{ token: '2YotnFZFEjr1zCsicMWpAA', place: 'bearer' }]);
  expect(findTokens('It needs bearer authentication.').tokens).toHaveLength(1);
  expect(findTokens('It needs bearer authentication.').tokens[0]?.token).toMatch(/^It /);
});

it.each(['Authorization: Bearer ', 'access_token='])(
  'takes a JWT that is broken in its header for one token: %s',
  (before) => {
    const broken = TOKEN.replace(/^(.{20})/, '$1!');
    const [found, ...others] = findTokens(`${before}${broken}`).tokens;
    expect([found?.token, others]).toEqual([broken, []]);
    expect(findTokens(`${before}s:${TOKEN}`).tokens.map(({ token }) => token)).toContain(TOKEN);
  },
);

it('finds two tokens in two lines, and each once', () => {
  const { tokens } = findTokens(`${TOKEN}\n${LONG}\n${TOKEN}`);
  expect(tokens.map(({ token }) => token)).toEqual([TOKEN, LONG]);
});

it.each([
  ['"not.a.token"', 'not.a.token'],
  ['Bearer  x.y.z ', 'x.y.z'],
  ['{"payload":"e30","signatures":[]}', '{"payload":"e30","signatures":[]}'],
  ['example.com', 'example.com'],
])('returns all of a text without a JWT: %s', (text, token) => {
  expect(findTokens(text).tokens.map((found) => found.token)).toEqual([token]);
});

it('gives each signature the payload that all of them sign, not one of its own', () => {
  const signature = { protected: 'e30', signature: 'AAAA', payload: 'e30' };
  const { tokens } = findTokens(JSON.stringify({ payload: 'AAAA', signatures: [signature, {}] }));
  expect(JSON.parse(tokens[0]!.token)).toEqual({ ...signature, payload: 'AAAA' });
});

it('finds each signature of a JSON serialization, and all of a payload without base64', () => {
  const payload = 'e30';
  const signatures = [
    { protected: 'eyJ', signature: 'AA' },
    { header: { alg: 'HS256' }, signature: 'AB' },
  ];
  const { tokens } = findTokens(JSON.stringify({ payload, signatures }, null, 1));
  expect(tokens.map(({ name, token }) => [name, JSON.parse(token) as unknown])).toEqual(
    signatures.map((signature, index) => [`signatures[${index}]`, { payload, ...signature }]),
  );
  const plain = `${base64url({ alg: 'HS256', b64: false, crit: ['b64'] })}.It is $5, plain.AAAA`;
  expect(findTokens(`${plain}\n`).tokens.map(({ token }) => token)).toEqual([plain]);
});

it('takes the answer of an API for what it is, although it has a payload and a signature', () => {
  const answer = { payload: 'a', signature: 'b', ciphertext: 'c', access_token: TOKEN };
  expect(findTokens(JSON.stringify(answer)).tokens).toMatchObject([
    { token: TOKEN, name: 'access_token' },
  ]);
});

it.each(['', ' \n ', '""'])('finds nothing in %j', (text) => {
  expect(findTokens(text)).toEqual({ tokens: [], cut: false });
});

it('says that a text was cut', () => {
  const { cut, tokens } = findTokens(`${TOKEN} ${'x'.repeat(MAX_TEXT_CHARACTERS)} ${LONG}`);
  expect([cut, tokens.length]).toEqual([true, 1]);
});

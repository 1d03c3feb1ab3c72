import {
  decodeToken,
  describeKind,
  MAX_TEXT_CHARACTERS,
  type JsonMember,
  type TokenKind,
} from '../src/index.js';
import { base64url, unsigned } from './making-tokens.js';

const HEAD = base64url({ alg: 'RS256' });
const BODY = base64url({ sub: 'ada' });
const GOOD = `${HEAD}.${BODY}.AAAA`;

/** The faults of a token: their code, their segment, and what of the token they are about. */
function faultsOf(token: string) {
  const { text, faults } = decodeToken(token);
  return faults.map(({ code, segment, offset, length }) => [
    code,
    segment ?? '',
    text.slice(offset, offset + length),
  ]);
}

it('decodes a good token into segments, JSON with places, and sizes', () => {
  const token = decodeToken(GOOD);
  expect(token).toMatchObject({ form: 'jws', kind: 'jwt', kindIsDeclared: false, faults: [] });
  expect([token.header, token.claims]).toEqual([{ alg: 'RS256' }, { sub: 'ada' }]);
  expect(token.sizes).toEqual({ token: GOOD.length, header: 15, payload: 13, signature: 3 });
  expect(token.segments.map(({ name, start, end }) => [name, GOOD.slice(start, end)])).toEqual([
    ['header', HEAD],
    ['payload', BODY],
    ['signature', 'AAAA'],
  ]);
});

it('knows where the members of the JSON are', () => {
  const { text = '', json } = decodeToken(GOOD).segments[1]!;
  const { members } = json?.root as unknown as { members: [JsonMember] };
  const [{ nameStart, nameEnd, value }] = members;
  expect(text.slice(nameStart, nameEnd)).toBe('"sub"');
  expect(text.slice(value?.start, value?.end)).toBe('"ada"');
});

describe('a broken token has a fault exactly there', () => {
  const latin1 = Buffer.from('{"a":"\xe9"}', 'latin1').toString('base64url');
  it.each<[title: string, token: string, faults: [string, string, string][]]>([
    ['no signature', `${HEAD}.${BODY}`, [['missing_segment', '', '']]],
    ['a header alone', HEAD, [['missing_segment', '', '']]],
    ['an empty signature', `${HEAD}.${BODY}.`, [['empty_segment', 'signature', '']]],
    ['four segments', `${GOOD}.BBBB`, [['extra_segment', 'extra', 'BBBB']]],
    ['seven segments', `${GOOD}.B.C.D.E`, [['extra_segment', 'extra', 'B.C.D.E']]],
    ['padding', `${HEAD}.${base64url('{"a":1} ')}=.AAAA`, [['padding', 'payload', '=']]],
    ['standard base64', `${HEAD}.${BODY}.AA+/`, [['standard_base64', 'signature', '+']]],
    ['a line break', `${HEAD}.${BODY}.AA\nAA`, [['whitespace', 'signature', '\n']]],
    ['white space before it', ` ${GOOD}`, [['whitespace', 'header', ' ']]],
    ['an unused bit', `${HEAD}.${BODY}.AB`, [['non_canonical', 'signature', 'B']]],
    ['a character missing', `${HEAD}.${BODY}.AAAAA`, [['impossible_length', 'signature', 'A']]],
    [
      'a header of text',
      `${base64url('hello')}.${BODY}.AAAA`,
      [
        ['invalid_json', 'header', 'aGVsbG'],
        ['invalid_json', 'header', '8'],
        ['not_an_object', 'header', base64url('hello')],
      ],
    ],
    [
      'a header of an array',
      `${base64url('[1]')}.${BODY}.AAAA`,
      [['not_an_object', 'header', base64url('[1]')]],
    ],
    // Three characters of the token are two of the text: the places are those of the characters they begin in.
    [
      'a missing comma',
      `${HEAD}.${base64url('{"a":1 "b":2}')}.AAAA`,
      [['invalid_json', 'payload', base64url('{"a":1 "b":2}').slice(9, 13)]],
    ],
    [
      'a duplicate',
      `${HEAD}.${base64url('{"a":1,"a":2}')}.AAAA`,
      [['duplicate_member', 'payload', base64url('{"a":1,"a":2}').slice(9, 13)]],
    ],
    ['Latin-1', `${HEAD}.${latin1}.AAAA`, [['invalid_utf8', 'payload', latin1.slice(8, 10)]]],
    [
      'a byte order mark',
      `${HEAD}.${base64url('\uFEFF{}')}.AAAA`,
      [['byte_order_mark', 'payload', base64url('\uFEFF{}').slice(0, 4)]],
    ],
    [
      '1e400',
      `${HEAD}.${base64url('{"exp":1e400}')}.AAAA`,
      [['number_out_of_range', 'payload', base64url('{"exp":1e400}').slice(9, 16)]],
    ],
    [
      '200 levels and more',
      `${HEAD}.${base64url('['.repeat(300))}.AAAA`,
      [['too_deep', 'payload', base64url('['.repeat(300)).slice(266, 268)]],
    ],
    ['nothing', '', [['empty', '', '']]],
    ['a blank', ' \n', [['empty', '', '']]],
    ['a word', 'hello', [['not_a_jwt', '', 'hello']]],
  ])('%s', (_, token, faults) => {
    expect(faultsOf(token)).toEqual(faults);
  });

  it('with the place in the JSON', () => {
    const [fault] = decodeToken(`${HEAD}.${base64url('{\n  "a": [1,\n  x]}')}.AAAA`).faults;
    expect(fault?.json).toMatchObject({ line: 3, column: 3, offset: 15 });
    expect(fault?.message).toBe('“x” is neither a value nor punctuation of JSON.');
  });

  it('and still shows all that can be decoded', () => {
    const { claims, header } = decodeToken(
      `${base64url('{"alg":"RS256",')}.${base64url('{"sub":"ada","exp":17')}`,
    );
    expect([header, claims]).toEqual([{ alg: 'RS256' }, { sub: 'ada', exp: 17 }]);
  });
});

describe('the kind of a token', () => {
  const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  it.each<[kind: TokenKind, header: object, payload: unknown]>([
    ['access_token', { typ: 'at+jwt' }, {}],
    ['access_token', { typ: 'application/AT+JWT' }, {}],
    ['access_token', {}, { client_id: 'shop', scope: 'orders:read' }],
    ['access_token', {}, { azp: 'shop', scp: ['a'] }],
    ['id_token', {}, { sub: 'ada', nonce: 'x' }],
    ['logout_token', { typ: 'logout+jwt' }, {}],
    ['logout_token', {}, { events: LOGOUT }],
    ['security_event', { typ: 'secevent+jwt' }, {}],
    ['security_event', {}, { events: { 'urn:other': {} } }],
    ['transaction_token', { typ: 'txntoken+jwt' }, {}],
    ['dpop_proof', { typ: 'dpop+jwt' }, {}],
    ['dpop_proof', {}, { htm: 'GET', htu: 'https://a.test' }],
    ['client_assertion', { typ: 'client-authentication+jwt' }, {}],
    ['client_assertion', {}, { iss: 'shop', sub: 'shop', aud: 'https://a.test' }],
    ['request_object', { typ: 'oauth-authz-req+jwt' }, {}],
    ['introspection_response', { typ: 'token-introspection+jwt' }, {}],
    ['sd_jwt', { typ: 'dc+sd-jwt' }, {}],
    ['sd_jwt', {}, { _sd: [] }],
    ['jwt', {}, {}],
    ['jwt', { typ: 'JWT' }, { sub: 'ada' }],
    ['nested_jwt', { cty: 'JWT' }, GOOD],
    ['nested_jwt', {}, GOOD],
    ['signed_message', {}, 'It is a dangerous business'],
    ['signed_message', {}, '[1]'],
  ])('is %s with the header %j and the payload %j', (kind, header, payload) => {
    const token = decodeToken(unsigned({ alg: 'RS256', ...header }, payload));
    expect(token.kind).toBe(kind);
    expect(token.faults).toEqual([]);
    const { name, sentence, reference } = describeKind(kind);
    expect([name, sentence]).toEqual([
      expect.stringMatching(/^[AN]/),
      expect.stringMatching(/^[A-Z].*\.$/),
    ]);
    expect(reference).not.toBe('');
  });

  it.each<[kind: TokenKind, text: string]>([
    ['encrypted_jwt', `${base64url({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AA.AA.AA.AA`],
    ['encrypted_jwt', `${base64url({ alg: 'dir', enc: 'A256GCM' })}..AA.AA.AA`],
    ['opaque', 'tGzv3JOkF0XG5Qx2TlKWIA'],
    ['empty', ''],
  ])('is %s for %s', (kind, text) => expect(decodeToken(text).kind).toBe(kind));

  it('is encrypted also if segments are missing', () => {
    expect(decodeToken(`${base64url({ alg: 'dir', enc: 'A256GCM' })}.AA`)).toMatchObject({
      form: 'jwe',
      faults: [{ code: 'missing_segment' }],
    });
  });
});

it('decodes tokens in tokens, but not for ever', () => {
  let token = GOOD;
  for (let level = 0; level < 8; level++) token = unsigned({ alg: 'RS256', cty: 'JWT' }, token);
  let levels = 0;
  for (let inner = decodeToken(token).nested; inner; inner = inner.nested) levels++;
  expect(levels).toBe(5);
});

it('shows the disclosures of an SD-JWT as such, and a tilde elsewhere as a fault', () => {
  expect(
    decodeToken(`${unsigned({ alg: 'ES256', typ: 'dc+sd-jwt' }, {})}~WyJh~`).faults,
  ).toMatchObject([{ code: 'disclosures', severity: 'note' }]);
  expect(faultsOf(`${GOOD}~`)).toEqual([['invalid_character', 'signature', '~']]);
});

it('decodes a payload without base64 (RFC 7797)', () => {
  const token = decodeToken(`${base64url({ alg: 'HS256', b64: false, crit: ['b64'] })}.$-02.AAAA`);
  expect(token.segments[1]?.text).toBe('$-02');
  expect(token.faults).toEqual([]);
});

describe('a token in JSON serialization', () => {
  it.each([
    ['flattened', { protected: HEAD, payload: BODY, signature: 'AAAA' }, 'jws_json', 'RFC 7515'],
    [
      'general',
      { payload: BODY, signatures: [{ protected: HEAD, signature: 'AAAA' }, {}] },
      'jws_json',
      'of 2',
    ],
    [
      'encrypted',
      { protected: HEAD, encrypted_key: 'AA', iv: 'AA', ciphertext: 'AA', tag: 'AA' },
      'jwe_json',
      'RFC 7516',
    ],
    [
      'encrypted to two',
      {
        protected: HEAD,
        recipients: [{ encrypted_key: 'AA' }, {}],
        iv: 'AA',
        ciphertext: 'AA',
        tag: 'AA',
      },
      'jwe_json',
      'of 2',
    ],
  ])('is recognized: %s', (_, json, form, sentence) => {
    const token = decodeToken(JSON.stringify(json));
    expect(token).toMatchObject({ form, header: { alg: 'RS256' } });
    expect(token.faults[0]).toMatchObject({
      code: 'json_serialization',
      message: expect.stringContaining(sentence),
    });
  });

  it.each([
    '{}',
    '{"payload":1}',
    '{"payload":1,"signatures":[1]}',
    '{"ciphertext":{}}',
    '{"signature":',
  ])('is decoded although it is broken: %s', (text) =>
    expect(decodeToken(text).faults.length).toBeGreaterThan(0),
  );
});

it('cuts a text that is too long, and says so', () => {
  const { faults, text } = decodeToken(`${GOOD}${'A'.repeat(MAX_TEXT_CHARACTERS)}`);
  expect(text).toHaveLength(MAX_TEXT_CHARACTERS);
  expect(faults[0]?.code).toBe('too_large');
});

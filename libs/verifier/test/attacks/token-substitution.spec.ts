import { randomUUID } from 'node:crypto';
import type { TokenErrorCode } from '../../src/index.js';
import { ISSUER } from '../verifier-fixture.js';
import { ACCESS_TOKENS_ONLY, describeAttacks, type Attack } from './attacks-fixture.js';

const NOW = Math.floor(Date.now() / 1000);
const CLIENT = 'latchkey-web';
const jwk = { kty: 'RSA', e: 'AQAB', n: 'AQAB' };

/**
 * Other tokens that issuers sign with the same key, presented as access tokens: the title, the type and
 * the claims that differ.
 */
const OTHER_TOKENS: [string, string, Record<string, unknown>, TokenErrorCode][] = [
  ['an access token for another service', 'at+jwt', { aud: 'payments' }, 'wrong_audience'],
  ['an access token for the issuer', 'at+jwt', { aud: ISSUER }, 'wrong_audience'],
  [
    'an access token for the UserInfo endpoint',
    'at+jwt',
    { aud: `${ISSUER}/userinfo` },
    'wrong_audience',
  ],
  ['an ID token', 'JWT', { aud: CLIENT, nonce: 'n', at_hash: 'h', azp: CLIENT }, 'wrong_type'],
  ['an ID token for this service', 'JWT', { nonce: 'n', at_hash: 'h' }, 'wrong_type'],
  ['an ID token of type id+jwt', 'id+jwt', { aud: CLIENT, nonce: 'n' }, 'wrong_type'],
  ['an ID token with the right type', 'at+jwt', { aud: CLIENT, nonce: 'n' }, 'wrong_audience'],
  ['a refresh token', 'rt+jwt', { aud: ISSUER, scope: 'offline_access' }, 'wrong_type'],
  ['a refresh token of type JWT', 'JWT', { aud: ISSUER, token_use: 'refresh' }, 'wrong_type'],
  ['a refresh token for this service', 'rt+jwt', {}, 'wrong_type'],
  ['a refresh token with the right type', 'at+jwt', { aud: ISSUER }, 'wrong_audience'],
  ['a security event', 'secevent+jwt', { aud: 'latchkey', events: { 'urn:x': {} } }, 'wrong_type'],
  ['a security event for this service', 'secevent+jwt', { events: { 'urn:x': {} } }, 'wrong_type'],
  ['a watermark', 'secevent+jwt', { aud: 'latchkey', toe: NOW }, 'wrong_type'],
  ['a logout token', 'logout+jwt', { aud: CLIENT, events: {} }, 'wrong_type'],
  ['a logout token for this service', 'logout+jwt', { events: {} }, 'wrong_type'],
  ['an introspection response', 'token-introspection+jwt', { active: true }, 'wrong_type'],
  ['an authorization response (JARM)', 'JWT', { aud: CLIENT, code: 'c', state: 's' }, 'wrong_type'],
  ['a request object', 'oauth-authz-req+jwt', { iss: CLIENT, aud: ISSUER }, 'untrusted_issuer'],
  ['a client assertion', 'JWT', { iss: CLIENT, sub: CLIENT, aud: ISSUER }, 'untrusted_issuer'],
  ['a client attestation', 'oauth-client-attestation+jwt', { iss: CLIENT }, 'untrusted_issuer'],
  ['a DPoP proof', 'dpop+jwt', { iss: undefined, htm: 'GET', htu: ISSUER }, 'untrusted_issuer'],
  ['a DPoP proof for this service', 'dpop+jwt', { htm: 'GET', htu: ISSUER }, 'wrong_type'],
  ['a signed UserInfo response', 'JWT', { aud: CLIENT, email: 'a@b.test' }, 'wrong_type'],
  ['signed metadata', 'JWT', { aud: undefined, jwks_uri: `${ISSUER}/jwks` }, 'wrong_type'],
  ['a software statement', 'JWT', { software_id: 'x' }, 'wrong_type'],
  ['an entity statement', 'entity-statement+jwt', { jwks: { keys: [] } }, 'wrong_type'],
  ['a status list', 'statuslist+jwt', { status_list: { bits: 1, lst: '' } }, 'wrong_type'],
  ['a verifiable credential', 'vc+jwt', { vc: {} }, 'wrong_type'],
  ['a transaction token', 'txntoken+jwt', { aud: 'internal' }, 'wrong_type'],
  ['an access token without jti', 'at+jwt', { jti: undefined }, 'invalid_claims'],
  ['an access token without client_id', 'at+jwt', { client_id: undefined }, 'invalid_claims'],
  [
    'an access token that is valid for a year',
    'at+jwt',
    { exp: NOW + 365 * 86_400 },
    'lifetime_too_long',
  ],
  [
    'an access token that expired yesterday',
    'at+jwt',
    { iat: NOW - 86_700, exp: NOW - 86_400 },
    'expired',
  ],
];

const otherTokens = OTHER_TOKENS.map(([title, typ, claims, code]): Attack => [
  title,
  ({ sign }) => sign({ header: { typ }, claims }),
  code,
]);

const withKeyInHeader: Attack[] = [
  [
    'a DPoP proof with its key',
    ({ sign }) => sign({ header: { typ: 'dpop+jwt', jwk }, claims: { htm: 'GET', htu: ISSUER } }),
    'unsupported_header',
  ],
  [
    'a key proof with its certificate',
    ({ sign }) => sign({ header: { typ: 'openid4vci-proof+jwt', x5c: ['MIIB'] } }),
    'unsupported_header',
  ],
];

/** Credentials that are not JWTs. */
const OPAQUE: [string, string][] = [
  ['an opaque refresh token', 'MTQ0NjJkZmQ5OTM2NDE1ZTZjNGZmZjI3'],
  ['an opaque refresh token with a dot', 'sid_01890.MTQ0NjJkZmQ5OTM2NDE1'],
  ['an authorization code', 'SplxlOBeZQQYbYS6WxSbIA'],
  ['a session cookie', 's%3A7QX.u3n1d5Vfq'],
  ['a UUID', randomUUID()],
  ['an API key', 'key_0123456789abcdef'],
  ['Basic credentials', 'YWRtaW46YWRtaW4='],
  ['a PASETO', 'v4.public.eyJzdWIiOiJhZG1pbiJ9'],
  ['a PASETO with a footer', 'v4.local.AAAA.eyJraWQiOiJ4In0'],
  [
    'a Branca token',
    '870S4BYxgHw0KnP3W9fgVUHEhT5g86vJ17etaC5Kh5uIraWHCI1psNQGv298ZmjPwoYbjDQ9chy2z',
  ],
  [
    'a Fernet token',
    'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==',
  ],
  ['a SAML response', 'PHNhbWxwOlJlc3BvbnNlPjwvc2FtbHA6UmVzcG9uc2U+'],
  ['a CWT', '2D3RhEOhASahBEECWFCnAXB-'],
  ['a word', 'undefined'],
];
const opaque = OPAQUE.map(([title, token]): Attack => [title, () => token, 'malformed']);

/** Valid tokens with exchanged parts. */
const recombined: Attack[] = (
  [
    ["another token's header and claims", [1, 1, 0]],
    ["another token's claims", [0, 1, 0]],
    ["another token's claims and signature, without its header", [0, 1, 1]],
    ["another token's signature", [0, 0, 1]],
    ["another token's header", [1, 0, 0]],
    ["another token's header and signature", [1, 0, 1]],
  ] as const
).map(([title, from]) => [
  title,
  async ({ sign, good }) => {
    const other = await sign({ header: { x: 1 }, claims: { sub: 'admin', jti: 'other' } });
    const tokens = [good.split('.'), other.split('.')];
    return from.map((token, part) => tokens[token]![part]).join('.');
  },
  'bad_signature',
]);

describeAttacks(
  'a token that is not an access token for this service',
  otherTokens,
  {},
  ACCESS_TOKENS_ONLY,
);

describeAttacks('a credential of another kind', [...withKeyInHeader, ...opaque, ...recombined]);

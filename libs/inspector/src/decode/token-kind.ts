import type { DecodedToken, TokenForm, TokenKind } from '../decoded-token.js';
import { isObject } from '../json/parse-json.js';

type Members = Readonly<Record<string, unknown>>;

/** What is known of a token before its kind is. */
export interface KindEvidence {
  readonly form: TokenForm;
  readonly header: Members;
  readonly claims: Members | undefined;
  readonly nested: DecodedToken | undefined;
}

/** The kinds that name themselves in `typ` (RFC 8725 §3.11). */
const DECLARED: ReadonlyMap<string, TokenKind> = new Map([
  ['at+jwt', 'access_token'],
  ['logout+jwt', 'logout_token'],
  ['secevent+jwt', 'security_event'],
  ['txntoken+jwt', 'transaction_token'],
  ['dpop+jwt', 'dpop_proof'],
  ['client-authentication+jwt', 'client_assertion'],
  ['oauth-authz-req+jwt', 'request_object'],
  ['token-introspection+jwt', 'introspection_response'],
  ['sd-jwt', 'sd_jwt'],
  ['dc+sd-jwt', 'sd_jwt'],
  ['vc+sd-jwt', 'sd_jwt'],
]);

/** The event that makes a security event a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** `typ` as RFC 7515 §4.1.9 compares it: without case, and without `application/` if no other slash follows. */
export function mediaTypeOf(typ: unknown): string | undefined {
  if (typeof typ !== 'string') return undefined;
  const type = typ.toLowerCase();
  const short = type.replace(/^application\//, '');
  return short.includes('/') ? type : short;
}

/** Tells what a token is for: by `typ`, otherwise by the claims that it has. */
export function kindOf({ form, header, claims, nested }: KindEvidence): {
  readonly kind: TokenKind;
  readonly declared: boolean;
} {
  if (form === 'jwe' || form === 'jwe_json') return { kind: 'encrypted_jwt', declared: true };
  const declared = DECLARED.get(mediaTypeOf(header['typ']) ?? '');
  if (declared) return { kind: declared, declared: true };
  if (nested) return { kind: 'nested_jwt', declared: header['cty'] !== undefined };
  if (!claims) return { kind: 'signed_message', declared: false };
  return { kind: LOOKS.find(([, looksSo]) => looksSo(claims))?.[0] ?? 'jwt', declared: false };
}

const hasAny = (claims: Members, ...names: readonly string[]): boolean =>
  names.some((name) => Object.hasOwn(claims, name));
const hasAll = (claims: Members, ...names: readonly string[]): boolean =>
  names.every((name) => Object.hasOwn(claims, name));

/** How tokens look that do not name their type. The first that fits counts. */
const LOOKS: readonly (readonly [TokenKind, (claims: Members) => boolean])[] = [
  ['logout_token', ({ events }) => isObject(events) && Object.hasOwn(events, LOGOUT_EVENT)],
  ['security_event', ({ events }) => isObject(events)],
  ['dpop_proof', (claims) => hasAll(claims, 'htm', 'htu')],
  ['sd_jwt', (claims) => hasAny(claims, '_sd', '_sd_alg')],
  [
    'id_token',
    (claims) =>
      hasAll(claims, 'sub') &&
      !hasAny(claims, 'scope', 'scp') &&
      hasAny(claims, 'nonce', 'at_hash', 'c_hash', 'auth_time'),
  ],
  [
    'access_token',
    (claims) => hasAny(claims, 'client_id', 'azp') && hasAny(claims, 'scope', 'scp'),
  ],
  [
    'client_assertion',
    ({ iss, sub, ...claims }) => typeof iss === 'string' && iss === sub && hasAll(claims, 'aud'),
  ],
];

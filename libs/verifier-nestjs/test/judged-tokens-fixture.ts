import { makeIssuer, signRaw, type TestAuthority } from '@latchkey/testing';
import type { TokenErrorCode } from '@latchkey/verifier';

/** Larger than the default tolerance of any library. */
export const TOLERANCE_SECONDS = 120;
export const MAX_LIFETIME_SECONDS = 3_600;
export const now = () => Math.floor(Date.now() / 1000);

export type Make = (authority: TestAuthority) => string | Promise<string>;

const jsonOf = (part: string | undefined) => Buffer.from(part ?? '', 'base64url').toString('utf8');
export const good: Make = ({ issuer }) => issuer.makeToken();

/** A valid token that was changed after it was signed. */
const changed =
  (change: (header: string, payload: string, signature: string) => string): Make =>
  async (authority) => {
    const [header = '', payload = '', signature = ''] = (await good(authority)).split('.');
    return change(header, payload, signature);
  };

/** A token with rewritten claims that the issuer has signed. */
const withClaimsText =
  (rewrite: (json: string) => string): Make =>
  async (authority) => {
    const [header, payload] = (await good(authority)).split('.');
    return signRaw(jsonOf(header), rewrite(jsonOf(payload)), authority.issuer.keys.at(-1)!);
  };

const withClaim = (name: string, value: unknown): Make => {
  return ({ issuer }) => issuer.makeToken({ claims: { [name]: value } });
};
const withHeader = (name: string, value: unknown): Make => {
  return ({ issuer }) => issuer.makeToken({ header: { [name]: value } });
};

export const REJECTED: readonly (readonly [string, TokenErrorCode, Make])[] = [
  ['more than 8 KiB', 'too_large', () => 'a'.repeat(9_000)],
  ['text without dots', 'malformed', () => 'x'],
  ['empty parts', 'malformed', () => '..'],
  ['text that is not base64url', 'malformed', () => '#'],
  ['not ASCII', 'malformed', () => 'caf\u00e9'],
  ['text that is not JSON', 'malformed', () => 'a.b.c'],
  ['an unsigned token', 'malformed', changed((header, payload) => `${header}.${payload}.`)],
  ['two parts', 'malformed', changed((header, payload) => `${header}.${payload}`)],
  ['four parts', 'malformed', changed((...parts) => `${parts.join('.')}.${parts[2]}`)],
  ['padding', 'malformed', changed((...parts) => `${parts.join('.')}==`)],
  ['duplicate claims', 'malformed', withClaimsText((json) => json.replace('{', '{"sub":"eve",'))],
  ['no key id', 'malformed', withHeader('kid', undefined)],
  ['a critical header', 'unsupported_header', withHeader('crit', ['exp'])],
  ['a key of its own', 'unsupported_header', withHeader('jwk', { kty: 'RSA' })],
  ['the URL of a key', 'unsupported_header', withHeader('jku', 'http://127.0.0.1:1/')],
  ['an ID token', 'wrong_type', withHeader('typ', 'JWT')],
  ['an event', 'wrong_type', withHeader('typ', 'secevent+jwt')],
  ['no algorithm', 'wrong_algorithm', withHeader('alg', 'none')],
  ['HMAC', 'wrong_algorithm', withHeader('alg', 'HS256')],
  ['PSS', 'wrong_algorithm', withHeader('alg', 'PS256')],
  ['an unknown key', 'unknown_key', withHeader('kid', 'other')],
  ['a changed claim', 'bad_signature', changed(changeSubject)],
  ['a changed signature', 'bad_signature', changed(changeSignature)],
  ['the key of another issuer', 'bad_signature', withKeyOfAnotherIssuer],
  ['no subject', 'invalid_claims', withClaim('sub', undefined)],
  ['a subject that is a number', 'invalid_claims', withClaim('sub', 7)],
  ['no client', 'invalid_claims', withClaim('client_id', undefined)],
  ['no token id', 'invalid_claims', withClaim('jti', undefined)],
  ['an empty session id', 'invalid_claims', withClaim('sid', '')],
  ['no expiry', 'invalid_claims', withClaim('exp', undefined)],
  ['an expiry that is text', 'invalid_claims', withClaim('exp', 'tomorrow')],
  ['an infinite expiry', 'invalid_claims', withClaimsText(toInfinity)],
  ['a start that is text', 'invalid_claims', withClaim('nbf', 'today')],
  ['scopes as an array', 'invalid_claims', withClaim('scope', ['orders:read'])],
  ['another issuer', 'untrusted_issuer', withClaim('iss', 'https://other.test')],
  ['no issuer', 'untrusted_issuer', withClaim('iss', undefined)],
  ['another audience', 'wrong_audience', withClaim('aud', 'payments')],
  ['a longer audience', 'wrong_audience', withClaim('aud', 'orders2')],
  ['expired beyond the tolerance', 'expired', at(-300 - TOLERANCE_SECONDS - 1)],
  ['issued in the future', 'not_yet_valid', at(TOLERANCE_SECONDS + 30)],
  ['valid later', 'not_yet_valid', (a) => withClaim('nbf', now() + TOLERANCE_SECONDS + 30)(a)],
  ['with too long a lifetime', 'lifetime_too_long', livingFor(MAX_LIFETIME_SECONDS + 1)],
  ['bound to a key', 'sender_constrained', withClaim('cnf', { jkt: 'x' })],
  ['of a revoked session', 'revoked', withClaim('sid', 'revoked')],
  ['a revoked token', 'revoked', withClaim('jti', 'revoked')],
  ['of a revoked subject', 'revoked', withClaim('sub', 'revoked')],
  ['of a revoked client', 'revoked', withClaim('client_id', 'revoked')],
  ['of a revoked key', 'revoked', ({ issuer }) => issuer.makeToken({ key: issuer.keys[0]! })],
];

export const ACCEPTED: readonly (readonly [string, Make])[] = [
  ['ordinary', good],
  ['expired within the tolerance', at(-300 - TOLERANCE_SECONDS + 30)],
  ['issued ahead within the tolerance', at(TOLERANCE_SECONDS - 30)],
  ['valid later, within the tolerance', (a) => withClaim('nbf', now() + 90)(a)],
  ['for several audiences', withClaim('aud', ['payments', 'orders'])],
  ['with the full media type', withHeader('typ', 'application/AT+JWT')],
  ['with an unknown header', withHeader('x-trace', 'yes')],
  ['with fractional times', (a) => withClaim('exp', now() + 60.5)(a)],
  ['without a session', withClaim('sid', undefined)],
  ['without scopes', withClaim('scope', undefined)],
  ['with the maximum lifetime', livingFor(MAX_LIFETIME_SECONDS)],
];

function at(secondsFromNow: number): Make {
  return ({ issuer }) => issuer.makeToken({ issuedAt: now() + secondsFromNow });
}
function livingFor(seconds: number): Make {
  return ({ issuer }) => {
    const issuedAt = now();
    return issuer.makeToken({ issuedAt, expiresAt: issuedAt + seconds });
  };
}
function toInfinity(json: string): string {
  return json.replace(/"exp":\d+/, '"exp":1e400');
}
function changeSubject(header: string, payload: string, signature: string): string {
  const claims = JSON.parse(jsonOf(payload)) as object;
  const other = Buffer.from(JSON.stringify({ ...claims, sub: 'eve' })).toString('base64url');
  return `${header}.${other}.${signature}`;
}
function changeSignature(header: string, payload: string, signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes[100]! ^= 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}
async function withKeyOfAnotherIssuer({ issuer }: TestAuthority): Promise<string> {
  const { keys } = await makeIssuer();
  return issuer.makeToken({ key: keys[0]!, kid: issuer.keys.at(-1)!.kid });
}

/** A new error code must be added here to compile, and needs a token above. */
export const CODES = {
  too_large: true,
  malformed: true,
  unsupported_header: true,
  wrong_type: true,
  wrong_algorithm: true,
  unknown_key: true,
  bad_signature: true,
  invalid_claims: true,
  untrusted_issuer: true,
  wrong_audience: true,
  expired: true,
  not_yet_valid: true,
  lifetime_too_long: true,
  sender_constrained: true,
  revoked: true,
} satisfies Record<TokenErrorCode, true>;

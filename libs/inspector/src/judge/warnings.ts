import { quoted } from '../json/json-suspects.js';
import type { InspectorKey } from '../keys/key.js';
import { bytesOf } from '../keys/read-secret.js';
import { ALGORITHMS, isNone } from './algorithms.js';
import { EMBEDDED } from './claim-rules.js';
import type { TokenWarning, WarningCode } from './judgement.js';
import { personalClaims } from './personal-claims.js';
import type { RuleContext } from './rule.js';
import type { WeakSecret } from './weak-secrets.js';

/** Many servers refuse longer headers. */
const MAX_HEADER_BYTES = 8 * 1024;
/** Browsers drop longer cookies (RFC 6265 §6.1). */
const MAX_COOKIE_BYTES = 4 * 1024;
const MIN_RSA_BITS = 2048;

const warning = (code: WarningCode, message: string): TokenWarning => ({ code, message });

/** What is allowed, but dangerous. */
export function warningsOf(context: RuleContext, weak: WeakSecret | undefined): TokenWarning[] {
  return [
    ...unsigned(context),
    ...weakSecret(weak),
    ...keyWarnings(context),
    ...embeddedKeys(context),
    ...claimWarnings(context),
    ...size(context),
  ];
}

const unsigned = ({ header }: RuleContext): TokenWarning[] =>
  isNone(header['alg'])
    ? [
        warning(
          'unsigned',
          'The token is not signed. A service that accepts it accepts any claims from anybody.',
        ),
      ]
    : [];

function weakSecret(weak: WeakSecret | undefined): TokenWarning[] {
  if (!weak) return [];
  if (weak.kind === 'public_key')
    return [
      warning(
        'algorithm_confusion',
        'The signature was made with the text of the public key as shared secret. Somebody tries to deceive a service that lets the token choose the algorithm.',
      ),
    ];
  return [
    warning(
      'well_known_secret',
      `The token is signed with the well-known secret ${quoted(weak.secret)}. Anybody can make such tokens; use a random secret of at least 32 bytes, or a key pair.`,
    ),
  ];
}

function keyWarnings({ outcome, header: { alg } }: RuleContext): TokenWarning[] {
  if (outcome.state !== 'fits' || typeof alg !== 'string') return [];
  return [...shortSecret(outcome.key, alg), ...smallRsa(outcome.key)];
}

function shortSecret({ type, bits = 0 }: InspectorKey, alg: string): TokenWarning[] {
  const minimum = ALGORITHMS.get(alg)?.minSecretBits ?? 0;
  if (type !== 'oct' || bits >= minimum) return [];
  return [
    warning(
      'short_secret',
      `The secret has ${bytesOf(bits / 8)}, but ${alg} needs at least ${minimum / 8} (RFC 7518 §3.2). A short secret can be found by trying, with one token and no access to the service.`,
    ),
  ];
}

const smallRsa = ({ type, bits = MIN_RSA_BITS }: InspectorKey): TokenWarning[] =>
  type === 'RSA' && bits < MIN_RSA_BITS
    ? [
        warning(
          'small_rsa_key',
          `The RSA key has ${bits} bits, but at least ${MIN_RSA_BITS} are needed (RFC 7518 §3.3); smaller keys have been factored.`,
        ),
      ]
    : [];

function embeddedKeys({ header, token }: RuleContext): TokenWarning[] {
  if (token.kind === 'dpop_proof') return [];
  return EMBEDDED.filter((name) => Object.hasOwn(header, name)).map((name) =>
    warning(
      'embedded_key',
      name === 'jwk' || name === 'x5c'
        ? `The header contains a key (${name}). A service must not use it to check the signature, unless it trusts the key for another reason.`
        : `The header points to a key (${name}). A service that fetches it lets the sender choose the key, and sends requests wherever the sender likes.`,
    ),
  );
}

function claimWarnings({ token, claims }: RuleContext): TokenWarning[] {
  if (!token.claims) return [];
  const found: TokenWarning[] = [];
  if (
    !Object.hasOwn(claims, 'exp') &&
    token.kind !== 'security_event' &&
    token.kind !== 'dpop_proof'
  )
    found.push(
      warning('no_expiry', 'The token has no exp. Whoever gets hold of it can use it for ever.'),
    );
  if (!Object.hasOwn(claims, 'aud') && token.kind !== 'dpop_proof')
    found.push(
      warning(
        'no_audience',
        'The token has no aud. Each service that trusts the issuer accepts it, and may use it at the others.',
      ),
    );
  const personal = personalClaims(claims);
  if (personal.length > 0)
    found.push(
      warning(
        'personal_data',
        `The token contains personal data (${personal.join(', ')}). It is encoded, not encrypted: everybody who sees the token can read it, as can everybody who sees a log that contains it.`,
      ),
    );
  return found;
}

function size({ token: { sizes } }: RuleContext): TokenWarning[] {
  const { token: bytes } = sizes;
  const kib = (bytes / 1024).toFixed(1);
  if (bytes > MAX_HEADER_BYTES)
    return [
      warning(
        'too_large_for_headers',
        `The token has ${kib} KiB. Many servers and proxies refuse requests with more than 8 KiB of headers.`,
      ),
    ];
  if (bytes > MAX_COOKIE_BYTES)
    return [
      warning(
        'too_large_for_cookies',
        `The token has ${kib} KiB. Browsers do not store cookies of more than 4 KiB.`,
      ),
    ];
  return [];
}

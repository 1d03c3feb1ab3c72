import type { RuleId } from '../judge/judgement.js';

/** What does not depend on the token. */
export interface RuleText {
  readonly title: string;
  readonly why: string;
  readonly reference: string;
}

/** The rules of the checklist, in its order. */
export const RULES: Readonly<Record<RuleId, RuleText>> = {
  structure: {
    title: 'Structure',
    why: 'A JWT is three base64url segments with dots between them; readers refuse anything else.',
    reference: 'RFC 7515 §7.1',
  },
  encoding: {
    title: 'Canonical encoding',
    why: 'If the same token can be written in two ways, a list of blocked tokens or a cache that compares texts can be evaded.',
    reference: 'RFC 7515 §2, RFC 4648 §3.5',
  },
  json: {
    title: 'Valid JSON',
    why: 'Readers that repair broken JSON in different ways see different claims in the same token.',
    reference: 'RFC 7519 §7.2, RFC 8259',
  },
  duplicates: {
    title: 'No duplicate members',
    why: 'If a member occurs twice, the service that checks it and the one that uses it may read different values.',
    reference: 'RFC 7515 §4, RFC 7519 §4',
  },
  claims: {
    title: 'Claims of the right types',
    why: 'The content of a JWT is a JSON object of claims; a service that expects text or a number and gets something else may skip a check.',
    reference: 'RFC 7519 §4.1',
  },
  algorithm: {
    title: 'Signature algorithm',
    why: 'The header names the algorithm, and the sender wrote the header; only registered signature algorithms may be believed.',
    reference: 'RFC 7515 §4.1.1, RFC 8725 §3.1',
  },
  critical: {
    title: 'Critical extensions understood',
    why: 'A member listed in crit changes the meaning of the token, so a reader that does not know it must refuse the token.',
    reference: 'RFC 7515 §4.1.11',
  },
  key: {
    title: 'Key found',
    why: 'Only a key that you got from the issuer, not from the token, can prove who signed it.',
    reference: 'RFC 7515 §4.1.4',
  },
  key_fits: {
    title: 'Algorithm fits the key',
    why: 'A reader that uses a public RSA key as a shared secret, because the token says so, accepts tokens that anybody can make.',
    reference: 'RFC 8725 §3.1',
  },
  signature: {
    title: 'Signature',
    why: 'Anybody can write any claims into a token; only the signature shows that the issuer wrote these.',
    reference: 'RFC 7515 §5.2',
  },
  type: {
    title: 'Type (typ)',
    why: 'An issuer signs tokens for different purposes with one key; the type keeps an ID token from being used as an access token.',
    reference: 'RFC 8725 §3.11',
  },
  expiry: {
    title: 'Not expired (exp)',
    why: 'A stolen token works until it expires.',
    reference: 'RFC 7519 §4.1.4',
  },
  not_before: {
    title: 'Already valid (nbf)',
    why: 'A token that was issued in advance must not work before its time.',
    reference: 'RFC 7519 §4.1.5',
  },
  issued_at: {
    title: 'Issued in the past (iat)',
    why: 'A token from the future means that a clock is wrong, or that the token outlives what its lifetime suggests.',
    reference: 'RFC 7519 §4.1.6',
  },
  lifetime: {
    title: 'Lifetime',
    why: 'The longer a token lives, the longer a thief can use it, and the longer a log-out has no effect where revocations are not known.',
    reference: 'RFC 9068 §4, RFC 8725 §3.10',
  },
  issuer: {
    title: 'Issuer (iss)',
    why: 'A good signature of the wrong issuer proves nothing; each issuer may only speak for its own users.',
    reference: 'RFC 7519 §4.1.1, RFC 8725 §3.8',
  },
  audience: {
    title: 'Audience (aud)',
    why: 'Without this check, a service that receives a token could use it at another service.',
    reference: 'RFC 7519 §4.1.3, RFC 8725 §3.9',
  },
  required_claims: {
    title: 'Claims that the type demands',
    why: 'A type of token promises certain claims, and services rely on them.',
    reference: 'RFC 8725 §3.12',
  },
  embedded_keys: {
    title: 'No key of its own',
    why: 'A sender who may choose the key can sign anything; libraries that trusted an embedded key were broken this way (CVE-2018-0114).',
    reference: 'RFC 8725 §3.10',
  },
  sender_constraint: {
    title: 'Sender constraint (cnf)',
    why: 'A bound token works only for the client that holds a certain key, so that a thief cannot use it; a bearer token works for anybody.',
    reference: 'RFC 9449 §6, RFC 8705 §3',
  },
  revocation: {
    title: 'Not revoked',
    why: 'A signature stays good after a log-out, so only the issuer can tell that a token was ended before its time.',
    reference: 'RFC 7009, RFC 7662',
  },
};

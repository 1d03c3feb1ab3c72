import type { TokenKind } from '../decoded-token.js';
import { mediaTypeOf } from '../decode/token-kind.js';
import { isObject } from '../json/parse-json.js';
import { quoted } from '../json/json-suspects.js';
import { describeKind } from '../texts/kinds.js';
import type { VerifierCounts } from './judgement.js';
import {
  failed,
  isEncrypted,
  notChecked,
  passed,
  UNREADABLE,
  type Finding,
  type Rule,
} from './rule.js';

const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;
const either = (names: readonly string[]): string => names.map(quoted).join(' or ');

export const type: Rule = ({ header, expectations }) => {
  const { typ } = header;
  if (typ !== undefined && typeof typ !== 'string')
    return failed('The type (typ) is not a string.');
  const found =
    typ === undefined ? 'The token names no type' : `The token is of the type ${quoted(typ)}`;
  if (expectations.type === undefined) return notChecked(`${found}; no type was expected.`);
  if (mediaTypeOf(typ) === mediaTypeOf(expectations.type)) return passed(`${found}, as expected.`);
  return failed(`${found}, but ${quoted(expectations.type)} was expected.`);
};

export const issuer: Rule = ({ token, claims: { iss }, expectations }) => {
  if (!token.claims) return notChecked(UNREADABLE);
  const found =
    typeof iss === 'string' ? `The issuer is ${quoted(iss)}` : 'The token does not name its issuer';
  if (expectations.issuer === undefined) return notChecked(`${found}; no issuer was expected.`);
  const expected = listOf(expectations.issuer);
  if (typeof iss === 'string' && expected.includes(iss)) return passed(`${found}, as expected.`);
  return failed(`${found}, but ${either(expected)} was expected${nearMiss(iss, expected)}.`);
};

/** The same URL but for its last slash is the fault that people look for longest. */
function nearMiss(iss: unknown, expected: readonly string[]): string {
  if (typeof iss !== 'string') return '';
  const bare = (url: string) => url.replace(/\/$/, '').toLowerCase();
  return expected.some((name) => bare(name) === bare(iss))
    ? '; they differ only in case or in the slash at the end, but every character counts'
    : '';
}

export const audience: Rule = ({ token, claims: { aud }, expectations }) => {
  if (!token.claims) return notChecked(UNREADABLE);
  const names = (Array.isArray(aud) ? aud : [aud]).filter((name) => typeof name === 'string');
  const found =
    names.length === 0
      ? 'The token does not say whom it is for'
      : `The token is for ${names.slice(0, 5).map(quoted).join(', ')}${names.length > 5 ? ` and ${names.length - 5} others` : ''}`;
  if (expectations.audience === undefined) return notChecked(`${found}; no audience was expected.`);
  const expected = listOf(expectations.audience);
  if (names.some((name) => expected.includes(name))) return passed(`${found}, as expected.`);
  return failed(`${found}, but ${either(expected)} was expected.`);
};

/** The claims that a declared type demands, and those that it forbids. */
const DEMANDS: Readonly<
  Partial<
    Record<
      TokenKind,
      {
        readonly all: readonly string[];
        readonly oneOf?: readonly string[];
        readonly none?: readonly string[];
      }
    >
  >
> = {
  access_token: { all: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'] },
  id_token: { all: ['iss', 'sub', 'aud', 'exp', 'iat'] },
  logout_token: {
    all: ['iss', 'aud', 'iat', 'exp', 'jti', 'events'],
    oneOf: ['sub', 'sid'],
    none: ['nonce'],
  },
  security_event: { all: ['iss', 'iat', 'jti', 'events'] },
  transaction_token: { all: ['iss', 'iat', 'aud', 'exp', 'txn', 'sub', 'scope'] },
  dpop_proof: { all: ['jti', 'htm', 'htu', 'iat'] },
  client_assertion: { all: ['iss', 'sub', 'aud', 'exp'] },
  request_object: { all: ['client_id'] },
  introspection_response: { all: ['iss', 'aud', 'iat', 'token_introspection'] },
};

export const requiredClaims: Rule = ({ token, claims }) => {
  if (!token.claims) return notChecked(UNREADABLE);
  const { name } = describeKind(token.kind);
  const demands = DEMANDS[token.kind];
  if (!demands) return notChecked('This type of token demands no claims.');
  const has = (claim: string) => Object.hasOwn(claims, claim);
  const missing = demands.all.filter((claim) => !has(claim));
  const { oneOf, none } = demands;
  if (oneOf && !oneOf.some(has)) missing.push(oneOf.join(' or '));
  const forbidden = none?.find(has);
  const problem =
    missing.length > 0
      ? `${name} needs ${missing.join(', ')}`
      : forbidden === undefined
        ? undefined
        : `${name} must not have ${forbidden}`;
  if (problem === undefined) return passed(`${name} has all the claims that it needs.`);
  return token.kindIsDeclared
    ? failed(`${problem}.`)
    : notChecked(`The token only looks like this type: ${problem}.`);
};

export const EMBEDDED = ['jwk', 'jku', 'x5u', 'x5c'] as const;

export const embeddedKeys: Rule = ({ token, header }) => {
  const found = EMBEDDED.filter((name) => Object.hasOwn(header, name));
  if (found.length === 0) return passed('The token neither contains a key nor points to one.');
  if (token.kind === 'dpop_proof')
    return notChecked(
      'A DPoP proof contains its key on purpose; the access token says which key it must be.',
    );
  return notChecked(`The header has ${found.join(', ')}, which was ignored: the sender chose it.`);
};

export const senderConstraint: Rule = ({ token, claims: { cnf } }) => {
  if (isEncrypted(token) || !token.claims) return notChecked(UNREADABLE);
  if (!isObject(cnf))
    return notChecked(
      'The token is bound to no key: it is a bearer token, and works for anybody who has it.',
    );
  return notChecked(bindingOf(cnf));
};

function bindingOf(cnf: Record<string, unknown>): string {
  if ('jkt' in cnf)
    return 'The token is bound to a DPoP key (jkt); whether the sender holds it shows only in a request.';
  if ('x5t#S256' in cnf)
    return 'The token is bound to a client certificate (x5t#S256); whether the sender holds it shows only in a connection.';
  return `The token is bound to a key (${Object.keys(cnf).slice(0, 3).join(', ')}); whether the sender holds it cannot be seen here.`;
}

export const revocation: Rule = ({ revocation: answer, now }): Finding => {
  if (!answer)
    return notChecked('This cannot be known: the issuer was not asked, or tells nobody.');
  if (answer.revoked === null)
    return notChecked(
      `The issuer was asked, but cannot tell (${answer.reason.replaceAll('_', ' ')}).`,
    );
  if (!answer.revoked)
    return passed(
      `It was not revoked, as of ${ago(answer.asOf, now)}${appliedBy(answer.verifiers)}.`,
    );
  return failed(
    `It was revoked at ${answer.at} (${answer.reason}${answer.by ? `, by ${BY[answer.by]}` : ''}).`,
  );
};

const BY = {
  user: 'its user',
  administrator: 'an administrator',
  client: 'its client',
  system: 'the system',
} as const;

function ago(asOf: string, now: number): string {
  const seconds = now - Date.parse(asOf) / 1000;
  return Number.isFinite(seconds) ? `${Math.max(0, seconds).toFixed(1)} s ago` : 'now';
}

const appliedBy = (verifiers?: VerifierCounts): string =>
  verifiers === undefined
    ? ''
    : `; ${verifiers.applied} of ${verifiers.known} verifiers know all revocations until then`;

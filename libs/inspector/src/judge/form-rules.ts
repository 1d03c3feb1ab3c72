import type { DecodedToken } from '../decoded-token.js';
import { quoted } from '../json/json-suspects.js';
import { memberOf } from '../json/parse-json.js';
import { claimProblem } from './claim-types.js';
import type { Judgement } from './judgement.js';
import { ALGORITHMS, isNone, UNSUPPORTED_ALGORITHMS } from './algorithms.js';
import {
  failed,
  faultRule,
  isEncrypted,
  notChecked,
  passed,
  type Finding,
  type Rule,
  type RuleContext,
} from './rule.js';

export const structure = faultRule(
  ['empty', 'not_a_jwt', 'too_large', 'json_serialization', 'missing_segment', 'extra_segment'],
  'The token has all its segments, and no others.',
);

export const encoding = faultRule(
  [
    'padding',
    'standard_base64',
    'whitespace',
    'invalid_character',
    'impossible_length',
    'non_canonical',
  ],
  'Every segment is written in the only way that base64url allows.',
);

export const json = faultRule(
  [
    'invalid_utf8',
    'byte_order_mark',
    'invalid_json',
    'not_an_object',
    'too_deep',
    'number_out_of_range',
  ],
  'Header and payload are well-formed.',
);

export const duplicates = faultRule(['duplicate_member'], 'Each member occurs once.');

export const claims: Rule = ({ token, nested }) => {
  if (isEncrypted(token)) return notChecked('The claims are encrypted.');
  if (nested) return nestedFinding(nested);
  if (!token.claims)
    return failed(
      'The payload is not a JSON object, so this is a signed message (JWS), but not a JWT.',
    );
  const problem = claimProblem(token.claims);
  return problem === undefined
    ? passed('The payload is a JSON object, and its known claims have the right types.')
    : failed(problem);
};

function nestedFinding({ verdict, summary }: Judgement): Finding {
  if (verdict === 'valid') return passed('The payload is another token, which is valid.');
  const what = `The payload is another token. ${summary}`;
  return verdict === 'invalid' || verdict === 'not_a_token' ? failed(what) : notChecked(what);
}

export const algorithm: Rule = ({ token, header: { alg } }) => {
  if (alg === undefined) return failed('The header names no algorithm (alg).');
  if (typeof alg !== 'string') return failed('The algorithm (alg) is not a string.');
  if (isEncrypted(token))
    return notChecked(`The content is encrypted; its key is protected with ${quoted(alg)}.`);
  return signatureAlgorithm(alg);
};

function signatureAlgorithm(alg: string): Finding {
  if (isNone(alg))
    return failed(
      'The algorithm is “none”: the token is not signed, and anybody can have written it.',
    );
  if (ALGORITHMS.has(alg)) return passed(`${alg} is a signature algorithm that is supported here.`);
  if (UNSUPPORTED_ALGORITHMS.has(alg))
    return notChecked(`${alg} is a signature algorithm, but web browsers cannot check it.`);
  return failed(`${quoted(alg)} is not a signature algorithm${spellingOf(alg)}.`);
}

function spellingOf(alg: string): string {
  const right = [...ALGORITHMS.keys()].find(
    (name) => name.toLowerCase() === alg.trim().toLowerCase(),
  );
  return right === undefined ? '' : `; it is written ${right}, and the case matters`;
}

export const critical: Rule = ({ header, token }) => {
  const { b64 = true, crit } = header;
  const loose = ['crit', 'b64'].find((name) => memberOf(token.unprotected?.root, name));
  if (loose !== undefined)
    return failed(`The member ${loose} must be in the protected part of the header.`);
  if (typeof b64 !== 'boolean') return failed('The member b64 is neither true nor false.');
  if (Object.hasOwn(header, 'crit')) return criticalNames(crit, header, token);
  if (b64) return passed('The token has no critical extension.');
  return failed('The header has b64: false, but does not list it in crit (RFC 7797 §6).');
};

function criticalNames(
  crit: unknown,
  header: RuleContext['header'],
  { claims: members }: DecodedToken,
): Finding {
  if (!isNameList(crit)) return failed('The member crit is not a list of names.');
  const missing = crit.find((name) => !Object.hasOwn(header, name));
  if (missing !== undefined)
    return failed(`The header lists ${quoted(missing)} as critical, but does not have it.`);
  const unknown = crit.find((name) => name !== 'b64');
  if (unknown !== undefined)
    return failed(`The critical extension ${quoted(unknown)} is not understood here.`);
  if (header['b64'] === false && members)
    return failed('A JWT must not have an unencoded payload (b64: false, RFC 7797 §7).');
  return passed('The critical extension b64 is understood.');
}

const isNameList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

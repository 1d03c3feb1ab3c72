import type { DecodedToken } from '../decoded-token.js';
import { describeKind } from '../texts/kinds.js';
import { RULES } from '../texts/rules.js';
import * as claimRules from './claim-rules.js';
import * as formRules from './form-rules.js';
import type { Check, Expectations, Judgement, JudgeOptions, RuleId, Verdict } from './judgement.js';
import { checkOf, isEncrypted, notChecked, type Rule, type RuleContext } from './rule.js';
import { signatureOutcome } from './signature-outcome.js';
import * as signatureRules from './signature-rules.js';
import * as timeRules from './time-rules.js';
import { warningsOf } from './warnings.js';
import { weakSecretOf } from './weak-secrets.js';

const CHECKS: Readonly<Record<RuleId, Rule>> = {
  structure: formRules.structure,
  encoding: formRules.encoding,
  json: formRules.json,
  duplicates: formRules.duplicates,
  claims: formRules.claims,
  algorithm: formRules.algorithm,
  critical: formRules.critical,
  key: signatureRules.key,
  key_fits: signatureRules.keyFits,
  signature: signatureRules.signature,
  type: claimRules.type,
  expiry: timeRules.expiry,
  not_before: timeRules.notBefore,
  issued_at: timeRules.issuedAt,
  lifetime: timeRules.lifetime,
  issuer: claimRules.issuer,
  audience: claimRules.audience,
  required_claims: claimRules.requiredClaims,
  embedded_keys: claimRules.embeddedKeys,
  sender_constraint: claimRules.senderConstraint,
  revocation: claimRules.revocation,
};

const NOTHING_TO_CHECK = notChecked('There is no token to check.');

/** Judges a decoded token, rule by rule. Never rejects because of the token or the keys. */
export async function judgeToken(token: DecodedToken, options: JudgeOptions): Promise<Judgement> {
  const { keys = [], expectations = {}, now, revocation } = options;
  const outcome = await signatureOutcome(token, keys);
  const nested = token.nested && (await judgeToken(token.nested, forNested(options)));
  const context: RuleContext = {
    ...{ token, header: token.header, claims: token.claims ?? {}, expectations, outcome },
    now: now.getTime() / 1000,
    ...(revocation && { revocation }),
    ...(nested && { nested }),
  };
  const isToken = token.kind !== 'opaque' && token.kind !== 'empty';
  const checks = (Object.keys(RULES) as RuleId[]).map((rule) =>
    checkOf(rule, isToken || rule === 'structure' ? CHECKS[rule](context) : NOTHING_TO_CHECK),
  );
  const verdict = verdictOf(token, checks);
  return {
    verdict,
    summary: summaryOf(verdict, token, checks),
    checks,
    warnings: warningsOf(context, await weakSecretOf(token, keys)),
    ...(outcome.state === 'fits' && { key: outcome.key }),
    ...(nested && { nested }),
  };
}

/** The type that is expected, and the answer about a revocation, are about the token around it. */
function forNested({ keys, expectations, now }: JudgeOptions): JudgeOptions {
  const others: { -readonly [Name in keyof Expectations]: Expectations[Name] } = {
    ...expectations,
  };
  delete others.type;
  return { ...(keys && { keys }), expectations: others, now };
}

function verdictOf(token: DecodedToken, checks: readonly Check[]): Verdict {
  if (token.kind === 'opaque' || token.kind === 'empty') return 'not_a_token';
  if (checks.some(({ state }) => state === 'failed')) return 'invalid';
  if (isEncrypted(token)) return 'encrypted';
  const isPassed = (rule: RuleId) =>
    checks.some((check) => check.rule === rule && check.state === 'passed');
  // The claims are not checked if they are those of a nested token that could not be verified.
  return isPassed('signature') && isPassed('claims') ? 'valid' : 'unverified';
}

/** The failures that explain most come first: a broken token has a wrong signature as well. */
const EXPLAIN_FIRST: readonly RuleId[] = [
  'structure',
  'json',
  'algorithm',
  'key',
  'key_fits',
  'signature',
  'revocation',
];

function summaryOf(verdict: Verdict, token: DecodedToken, checks: readonly Check[]): string {
  switch (verdict) {
    case 'valid':
      return 'Valid: the signature fits, and no rule that was checked failed.';
    case 'invalid':
      return invalidSummary(checks.filter(({ state }) => state === 'failed'));
    case 'unverified':
      return `Not verified: ${lowerFirst(unverifiedReason(checks))}`;
    case 'encrypted':
      return 'Encrypted: only the header can be read, and only the recipient can check the token.';
    case 'not_a_token':
      return `${describeKind(token.kind).name}: ${lowerFirst(describeKind(token.kind).sentence)}`;
  }
}

const unverifiedReason = (checks: readonly Check[]): string =>
  checks.find(({ rule, state }) => ['signature', 'claims'].includes(rule) && state !== 'passed')
    ?.what ?? '';

function invalidSummary(failures: readonly Check[]): string {
  const first =
    EXPLAIN_FIRST.map((rule) => failures.find((check) => check.rule === rule)).find(Boolean) ??
    failures[0];
  const others = failures.length - 1;
  const more = others === 0 ? '' : ` ${others} other rule${others === 1 ? '' : 's'} failed too.`;
  return `Invalid: ${lowerFirst(first?.what ?? '')}${more}`;
}

const lowerFirst = (sentence: string): string =>
  /^(The|This|It|No|A|An|Give|Without|Only|Web|There|Keys) /.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;

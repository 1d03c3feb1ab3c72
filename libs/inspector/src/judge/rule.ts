import type { DecodedToken, FaultCode } from '../decoded-token.js';
import { RULES } from '../texts/rules.js';
import type {
  Check,
  CheckState,
  Expectations,
  JudgeOptions,
  Judgement,
  RuleId,
} from './judgement.js';
import type { SignatureOutcome } from './signature-outcome.js';

/** All that a rule may look at. */
export interface RuleContext {
  readonly token: DecodedToken;
  readonly header: Readonly<Record<string, unknown>>;
  /** Empty if the payload has none, or cannot be read. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expectations: Expectations;
  readonly outcome: SignatureOutcome;
  /** In seconds since 1970. */
  readonly now: number;
  readonly revocation?: JudgeOptions['revocation'];
  /** The judgement of the token that is the payload. */
  readonly nested?: Judgement;
}

/** What a rule found. */
export type Finding = readonly [state: CheckState, what: string];

export type Rule = (context: RuleContext) => Finding;

export const passed = (what: string): Finding => ['passed', what];
export const failed = (what: string): Finding => ['failed', what];
export const notChecked = (what: string): Finding => ['not_checked', what];

/** A line of the checklist. */
export function checkOf(rule: RuleId, [state, what]: Finding): Check {
  const { title, why, reference } = RULES[rule];
  return { rule, state, title, what, why, reference };
}

/** Fails with the first fault of these kinds. */
export const faultRule =
  (codes: readonly FaultCode[], ok: string): Rule =>
  ({ token }) => {
    const faults = token.faults.filter(
      ({ code, severity }) => severity === 'error' && codes.includes(code),
    );
    const [first] = faults;
    if (!first) return passed(ok);
    return failed(
      faults.length === 1
        ? first.message
        : `${first.message} (${faults.length} faults of this kind)`,
    );
  };

export const isEncrypted = ({ form }: DecodedToken): boolean =>
  form === 'jwe' || form === 'jwe_json';

/** What is said of rules about claims that cannot be read. */
export const UNREADABLE = 'The claims cannot be read.';

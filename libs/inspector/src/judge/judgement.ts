import type { InspectorKey } from '../keys/key.js';

/** What a token is checked for, in the order of the checklist. */
export type RuleId =
  | 'structure'
  | 'encoding'
  | 'json'
  | 'duplicates'
  | 'claims'
  | 'algorithm'
  | 'critical'
  | 'key'
  | 'key_fits'
  | 'signature'
  | 'type'
  | 'expiry'
  | 'not_before'
  | 'issued_at'
  | 'lifetime'
  | 'issuer'
  | 'audience'
  | 'required_claims'
  | 'embedded_keys'
  | 'sender_constraint'
  | 'revocation';

/** `not_checked`: nothing was expected, or what the rule needs is missing. */
export type CheckState = 'passed' | 'failed' | 'not_checked';

/** One line of the checklist. */
export interface Check {
  readonly rule: RuleId;
  readonly state: CheckState;
  /** The name of the rule, in a few words. */
  readonly title: string;
  /** One sentence: what was found. */
  readonly what: string;
  /** One sentence: why the rule matters. */
  readonly why: string;
  /** The section that states the rule. */
  readonly reference: string;
}

/**
 * - `valid`: the signature fits a key, and no rule failed.
 * - `invalid`: a rule failed.
 * - `unverified`: no rule failed, but the signature could not be checked.
 * - `encrypted`: a JWE, whose content cannot be read here.
 * - `not_a_token`: the text is not a JWT at all.
 */
export type Verdict = 'valid' | 'invalid' | 'unverified' | 'encrypted' | 'not_a_token';

/** What a warning is about. */
export type WarningCode =
  | 'unsigned'
  | 'embedded_key'
  | 'short_secret'
  | 'well_known_secret'
  | 'algorithm_confusion'
  | 'small_rsa_key'
  | 'no_expiry'
  | 'no_audience'
  | 'personal_data'
  | 'too_large_for_headers'
  | 'too_large_for_cookies';

/** Something that is allowed, but dangerous. It does not change the verdict. */
export interface TokenWarning {
  readonly code: WarningCode;
  /** What was found, and why it matters. */
  readonly message: string;
}

/** What the token is expected to say. What is absent is not checked. */
export interface Expectations {
  /** One of them must be `iss`. */
  readonly issuer?: string | readonly string[];
  /** One of them must be in `aud`. */
  readonly audience?: string | readonly string[];
  /** The `typ`, such as `at+jwt`; case and a prefix `application/` do not matter. */
  readonly type?: string;
  /** The longest time from `iat` to `exp`. */
  readonly maxLifetimeSeconds?: number;
  /** How much the clocks may differ. Default: 5, as for `@latchkey/verifier`. */
  readonly clockToleranceSeconds?: number;
}

/** How many verifiers have reported lately, and how many of them know every revocation so far. */
export interface VerifierCounts {
  readonly known: number;
  readonly applied: number;
}

/** What the issuer answered when it was asked whether a token is revoked. `null`: it cannot tell. */
export type RevocationAnswer =
  | {
      readonly revoked: false;
      /** When the answer was true, in ISO 8601. */
      readonly asOf: string;
      readonly verifiers?: VerifierCounts;
    }
  | {
      readonly revoked: true;
      /** When it was revoked, in ISO 8601. */
      readonly at: string;
      /** Such as `logout`. */
      readonly reason: string;
      readonly by?: 'user' | 'administrator' | 'client' | 'system';
    }
  | { readonly revoked: null; readonly reason: string };

/** What a token is judged by. */
export interface JudgeOptions {
  readonly keys?: readonly InspectorKey[];
  readonly expectations?: Expectations;
  readonly now: Date;
  /** Absent if the issuer was not asked. */
  readonly revocation?: RevocationAnswer;
}

/** The judgement of a token. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The verdict and its reason, in one sentence. */
  readonly summary: string;
  readonly checks: readonly Check[];
  readonly warnings: readonly TokenWarning[];
  /** The key that the signature fits. */
  readonly key?: InspectorKey;
  /** The judgement of the token that is the payload. */
  readonly nested?: Judgement;
}

import type { Principal } from './principal.js';
import type { TokenKindName } from './verifier-options.js';

/** The kind of credential in a {@link SubjectToken}. */
export type SubjectTokenType = TokenKindName | 'session';

/**
 * The credential that a principal came with, which a service can exchange to call another one for the
 * same user (`subject_token`, RFC 8693 §2.1) or, if it is a transaction token, pass on. It is secret. Neither `JSON.stringify` nor `util.inspect`
 * shows it.
 */
export class SubjectToken {
  readonly #token: string;

  /** Keeps a credential that was verified. */
  constructor(
    token: string,
    readonly type: SubjectTokenType,
  ) {
    this.#token = token;
  }

  /** The credential itself. Do not log it. */
  get token(): string {
    return this.#token;
  }
}

/** Held apart from the principals, so that code that copies or logs a principal does not see them. */
const subjectTokens = new WeakMap<Principal, SubjectToken>();

/** Called by whatever verified the credential, such as a guard of your own. */
export function setSubjectToken(principal: Principal, subjectToken: SubjectToken): void {
  subjectTokens.set(principal, subjectToken);
}

/**
 * Returns the credential that a principal came with. A copy of a principal has none.
 *
 * @returns undefined if neither a verifier nor a guard created this very object
 */
export function subjectTokenOf(principal: Principal): SubjectToken | undefined {
  return subjectTokens.get(principal);
}

/** Why nobody has answered whether a token is revoked, each as the end of a sentence. */
export const NO_ANSWER_REASONS = {
  claims_unreadable: 'it has no claims that can be read',
  no_issuer: 'it names no issuer',
  other_issuer: 'this issuer tells nobody',
  owner_unknown: 'it is not known whether auth has issued it',
  signature_not_verified: 'auth was not asked, because the signature is not verified',
  no_ids: 'it has no id to look up',
  no_answer: 'auth was asked, and has not answered',
} as const;
/** A key of {@link NO_ANSWER_REASONS}, which `--json` prints. */
export type NoAnswerReason = keyof typeof NO_ANSWER_REASONS;

/** Says that there is no answer, and why. */
export interface NoAnswer {
  readonly unknown: NoAnswerReason;
  /** What went wrong in this case. */
  readonly detail?: string;
}

/** The end of a sentence. */
export const sentenceOf = ({ unknown, detail }: NoAnswer): string =>
  NO_ANSWER_REASONS[unknown] + (detail === undefined ? '' : ` (${detail})`);

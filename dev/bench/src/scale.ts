/** How much is measured. */
export interface Scale {
  readonly rounds: number;
  /** Rounds of `first-sight` that do not count: the compiler needs some 20,000 tokens to settle. */
  readonly warmUpRounds: number;
  /** Tokens made once for all groups; the working set of `seen-before`. */
  readonly poolTokens: number;
  readonly firstSightTokens: number;
  /** How often a round goes through the working set where tokens are cached. */
  readonly seenBeforePasses: number;
  readonly revocations: number;
  /** Each is a process of its own per structure, so there are few. */
  readonly memoryRounds: number;
  readonly lookUps: number;
  readonly httpRounds: number;
  readonly httpSeconds: number;
  readonly httpWarmUpRequests: number;
  readonly issuedPerRound: number;
  readonly issueWarmUpRequests: number;
}

/** About six minutes on two cores. */
export const FULL_SCALE: Scale = {
  rounds: 21,
  warmUpRounds: 20,
  poolTokens: 10_000,
  firstSightTokens: 1_000,
  seenBeforePasses: 3,
  revocations: 1_000_000,
  memoryRounds: 3,
  lookUps: 200_000,
  httpRounds: 5,
  httpSeconds: 3,
  httpWarmUpRequests: 100_000,
  issuedPerRound: 200,
  issueWarmUpRequests: 4_000,
};

/** Less than a minute: enough to see that it works, too little to quote. */
export const QUICK_SCALE: Scale = {
  ...FULL_SCALE,
  rounds: 3,
  warmUpRounds: 2,
  seenBeforePasses: 1,
  memoryRounds: 1,
  httpRounds: 1,
  httpSeconds: 1,
  httpWarmUpRequests: 5_000,
  issuedPerRound: 100,
  issueWarmUpRequests: 500,
};

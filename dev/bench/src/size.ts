/** The size of a run. */
export interface RunSize {
  readonly rounds: number;
  /** Rounds of `first-sight` that do not count: JIT compilation takes about 20,000 tokens. */
  readonly warmUpRounds: number;
  /** Tokens that all groups share; the working set of `seen-before`. */
  readonly poolTokens: number;
  readonly firstSightTokens: number;
  /** Passes over the working set per round, for contenders with a cache. */
  readonly seenBeforePasses: number;
  readonly revocations: number;
  /** Few, because each one starts a process for every data structure. */
  readonly memoryRounds: number;
  readonly lookUps: number;
  readonly httpRounds: number;
  readonly httpSeconds: number;
  readonly httpWarmUpRequests: number;
  readonly issuedPerRound: number;
  readonly issueWarmUpRequests: number;
  readonly chainRounds: number;
  /** Calls of each kind per round. */
  readonly chainCalls: number;
  readonly parallelRounds: number;
  /** Each is also a user, who logs in first. */
  readonly parallelCallers: number;
}

/** About ten minutes on two cores. */
export const FULL_SIZE: RunSize = {
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
  chainRounds: 21,
  chainCalls: 100,
  parallelRounds: 9,
  parallelCallers: 1_000,
};

/** Less than a minute: shows that it works, but the figures are not worth quoting. */
export const QUICK_SIZE: RunSize = {
  ...FULL_SIZE,
  rounds: 3,
  warmUpRounds: 2,
  seenBeforePasses: 1,
  memoryRounds: 1,
  httpRounds: 1,
  httpSeconds: 1,
  httpWarmUpRequests: 5_000,
  issuedPerRound: 100,
  issueWarmUpRequests: 500,
  chainRounds: 2,
  chainCalls: 20,
  parallelRounds: 1,
  parallelCallers: 20,
};

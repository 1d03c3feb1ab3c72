import { DenyList } from '../src/index.js';

export const ISSUER = 'https://issuer.test';
export const START = 1_800_000_000_000;
export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;

/** True time, and the clocks of the issuer and the verifier, each wrong by an adjustable amount. */
export function makeWorld(clockToleranceSeconds = 5) {
  let passed = 0;
  const ahead = { issuer: 0, verifier: 0 };
  const list = new DenyList({
    clockToleranceSeconds,
    now: () => START + passed + ahead.verifier,
    monotonicNow: () => passed,
  });
  const issuerNow = () => START + passed + ahead.issuer;
  return {
    list,
    ahead,
    issuerNow,
    pass: (milliseconds: number) => (passed += milliseconds),
    watermark: (timeMilliseconds = issuerNow(), signedAtMilliseconds = timeMilliseconds) =>
      list.applyWatermark({
        issuer: ISSUER,
        timeMilliseconds,
        issuedAt: Math.floor(signedAtMilliseconds / 1000),
        serials: { from: 1, through: 0 },
        revokedKeys: [],
      }),
    get stale() {
      return list.stalenessSeconds(ISSUER);
    },
    get clock() {
      return list.clock(ISSUER);
    },
  };
}

export type World = ReturnType<typeof makeWorld>;

/** Lets seconds pass, with a watermark after each. */
export function seconds({ pass, watermark }: World, count: number): void {
  for (let second = 0; second < count; second++) {
    pass(SECOND);
    watermark();
  }
}

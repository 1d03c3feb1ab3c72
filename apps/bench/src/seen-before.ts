import { makeBenchIssuer, makeTokens } from './bench-issuer.js';
import type { Measure } from './group.js';
import { latchkeyVerifier, loadedDenyList, revokeSomeSession } from './latchkey.js';
import * as peers from './peers.js';
import { interleave, type Variant } from './rounds.js';
import { compare } from './statistics.js';

const USES = 50_000;
const STRING = 'making the string alone';
const OURS_EMPTY = 'latchkey, 0 revocations';
const FAST_JWT = 'fast-jwt, cached';

/** A working set of tokens, each string made anew from its bytes as in a request. */
export const measureSeenBefore: Measure = async (extent, progress) => {
  const issuer = makeBenchIssuer();
  const tokens = makeTokens(issuer, extent.tokens, progress).map((token) => Buffer.from(token));
  const order = Array.from({ length: USES }, () => Math.floor(Math.random() * tokens.length));
  const oursFull = `latchkey, ${extent.revocations.toLocaleString('en')} revocations`;

  const none = await latchkeyVerifier(issuer, loadedDenyList());
  const denyList = loadedDenyList();
  progress(`applying ${extent.revocations} revocations`);
  const expiresAt = Math.floor(Date.now() / 1000) + 3_600;
  for (let index = 0; index < extent.revocations; index++) revokeSomeSession(denyList, expiresAt);
  const full = await latchkeyVerifier(issuer, denyList);

  const use = (name: string, verify: peers.Verify): Variant => ({
    name,
    run: async () => {
      for (const index of order) {
        const verified = verify(tokens[index]!.toString('latin1'));
        if (verified instanceof Promise) await verified;
      }
      return order.length;
    },
  });
  const variants = [
    use(STRING, (token) => token.length),
    use(OURS_EMPTY, (token) => none.verify(token)),
    use(oursFull, (token) => full.verify(token)),
    use(FAST_JWT, peers.fastJwt(issuer, 2 * extent.tokens)),
  ];
  const figures = await interleave(variants, { ...extent, progress });
  const of = (name: string) => figures.get(name)!;
  none.close();
  full.close();
  return {
    figures: [...figures.values()],
    comparisons: [
      compare(of(oursFull), of(FAST_JWT), { atLeast: 3 }),
      compare(of(OURS_EMPTY), of(FAST_JWT)),
      compare(of(oursFull), of(OURS_EMPTY)),
    ],
    notes: [
      `${tokens.length} tokens in random order, one thread; every figure includes making the string`,
      'latchkey checks expiry, key, deny-list and its age at each use; fast-jwt checks expiry',
      'aws-jwt-verify, jsonwebtoken and jose have no cache of tokens: see first sight',
    ],
  };
};

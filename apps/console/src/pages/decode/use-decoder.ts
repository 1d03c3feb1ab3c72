import type { DecodedToken, Judgement, RevocationAnswer } from '@latchkey/inspector';
import { useEffect, useState } from 'react';
import type { System } from '../../system/system.js';
import type { KnownSystem } from '../../system/use-system.js';
import { useExpected, type Expected } from './keys/expected-panel.js';
import { useKeys, type ChosenKeys } from './keys/use-keys.js';
import { useInspection, type Inspection } from './use-inspection.js';
import { useJudgement } from './use-judgement.js';
import { isProvenBy, useRevocation, type Revocation } from './use-revocation.js';

/** The state of the page. */
export interface Decoder {
  readonly inspection: Inspection;
  readonly system: System | undefined;
  readonly keys: ChosenKeys;
  readonly expected: Expected;
  readonly judgement: Judgement | undefined;
  readonly revocation: Revocation;
}

/** Judges the token with what is known of its revocation, which is asked once its signature is known to be ours. */
export function useDecoder(known: KnownSystem): Decoder {
  const { system } = known;
  const inspection = useInspection();
  const { decoded } = inspection;
  const keys = useKeys(decoded, known);
  const expected = useExpected();
  const [told, setTold] = useState<ToldAbout>();
  // An answer about another token must not judge this one.
  const answerBefore = told?.token === decoded ? told.answer : undefined;
  const judgement = useJudgement(decoded, keys.keys, expected.expectations, answerBefore);
  const revocation = useRevocation(decoded, known, isProvenBy(judgement, system));
  const answer = answerIn(revocation);
  useEffect(() => setTold({ token: decoded, answer }), [decoded, answer]);
  return { inspection, system, keys, expected, judgement, revocation };
}

/** What the system has answered about a token. */
interface ToldAbout {
  readonly token: DecodedToken;
  readonly answer: RevocationAnswer | undefined;
}

/** The judge knows answers only, not why there is none. */
function answerIn(revocation: Revocation): RevocationAnswer | undefined {
  if (revocation.state !== 'answered' || revocation.answer.revoked === null) return undefined;
  return revocation.answer;
}

import {
  judgeToken,
  type DecodedToken,
  type Expectations,
  type InspectorKey,
  type Judgement,
  type RevocationAnswer,
} from '@latchkey/inspector';
import { useEffect, useState } from 'react';
import { useNow } from '../../time/use-now.js';

/** A longer token is judged again less often, because each judgement checks its signature. */
const LONG_CHARACTERS = 64_000;
const LONG_EVERY_MILLISECONDS = 30_000;

/** Judges the token now, and again as time passes. @returns undefined until there is a judgement of this token */
export function useJudgement(
  token: DecodedToken,
  keys: readonly InspectorKey[],
  expectations: Expectations,
  revocation: RevocationAnswer | undefined,
): Judgement | undefined {
  const [judged, setJudged] = useState<{ token: DecodedToken; judgement: Judgement }>();
  const second = useNow();
  const step = token.text.length > LONG_CHARACTERS ? LONG_EVERY_MILLISECONDS : 1;
  const moment = Math.floor(second / step);

  useEffect(() => {
    let isCurrent = true;
    judgeToken(token, {
      keys,
      expectations,
      now: new Date(),
      ...(revocation && { revocation }),
    }).then((judgement) => {
      if (isCurrent) setJudged({ token, judgement });
    }, reportError);
    return () => {
      isCurrent = false;
    };
  }, [token, keys, expectations, revocation, moment]);

  return judged?.token === token ? judged.judgement : undefined;
}

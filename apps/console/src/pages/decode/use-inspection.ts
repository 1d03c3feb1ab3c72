import { decodeToken, findTokens, type DecodedToken, type FoundToken } from '@latchkey/inspector';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';

/** What was entered, and what was found in it. */
export interface Inspection {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** The text that the rest is about. It lags behind while a long text is decoded, so that typing does not wait. */
  readonly readText: string;
  readonly tokens: readonly FoundToken[];
  /** The token that is shown; undefined if there is none, and the text itself is shown as far as it can be. */
  readonly found: FoundToken | undefined;
  readonly select: (index: number) => void;
  readonly decoded: DecodedToken;
  /** Shows a token that is inside of this one. */
  readonly open: (token: string) => void;
  /** Shows the token around this one. Undefined if there is none. */
  readonly back: (() => void) | undefined;
}

interface Entered {
  readonly text: string;
  readonly selected: number;
  /** The texts around the one that is shown. */
  readonly outer: readonly string[];
}

const NOTHING: Entered = { text: '', selected: 0, outer: [] };

/** Keeps the token in this component only: never in the address, the history, the title or a storage. */
export function useInspection(): Inspection {
  const [entered, setEntered] = useState(NOTHING);
  const readText = useDeferredValue(entered.text);
  const { tokens } = useMemo(() => findTokens(readText), [readText]);
  const found = tokens[entered.selected] ?? tokens[0];
  const source = found?.token ?? readText;
  const decoded = useMemo(() => decodeToken(source), [source]);

  const setText = useCallback((text: string) => setEntered({ ...NOTHING, text }), []);
  const select = useCallback(
    (selected: number) => setEntered((before) => ({ ...before, selected })),
    [],
  );
  const open = useCallback(
    (text: string) =>
      setEntered((before) => ({ text, selected: 0, outer: [...before.outer, before.text] })),
    [],
  );
  const { outer } = entered;
  const around = outer.at(-1);
  const back =
    around === undefined
      ? undefined
      : () => setEntered({ text: around, selected: 0, outer: outer.slice(0, -1) });
  return { text: entered.text, setText, readText, tokens, found, select, decoded, open, back };
}

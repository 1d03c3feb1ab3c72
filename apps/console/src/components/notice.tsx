import { useCallback, useRef, useState, type ReactNode, type RefObject } from 'react';
import { CheckIcon } from '../shell/icons.js';
import { VisibleText } from '../text/visible-text.js';

export interface Notice {
  /** Says what was done. */
  readonly say: (text: string) => void;
  readonly place: RefObject<HTMLDivElement | null>;
  readonly element: ReactNode;
}

/** A line that says what was done last. It takes the focus when the button that did it has gone with its row. */
export function useNotice(): Notice {
  const [text, say] = useState('');
  const place = useRef<HTMLDivElement>(null);
  const element = (
    <div ref={place} role="status" tabIndex={-1} className="done">
      {text !== '' && (
        <p className="done-text">
          <CheckIcon />
          <VisibleText text={text} />
        </p>
      )}
    </div>
  );
  return { say: useCallback((done: string) => say(done), []), place, element };
}

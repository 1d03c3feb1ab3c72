import type { RefObject } from 'react';
import { texts } from '../texts.js';

/** A button, because a link to `#main` would change the route. */
export function SkipLink({ target }: { target: RefObject<HTMLElement | null> }) {
  return (
    <button type="button" className="skip-link" onClick={() => target.current?.focus()}>
      {texts.shell.skip}
    </button>
  );
}

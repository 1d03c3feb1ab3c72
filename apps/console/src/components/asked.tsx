import type { ReactNode } from 'react';
import { useConfirm } from './confirm.js';
import { useNotice } from './notice.js';

/** Acts that are asked for, and what was done last. */
export interface Asked {
  /**
   * Asks, and does it if the answer is yes. Everything is read again before the page says that it was done.
   *
   * @param act returns what was done, as a sentence
   */
  readonly ask: (
    words: { readonly title: string; readonly label: string },
    text: string,
    act: () => Promise<string>,
  ) => void;
  readonly say: (text: string) => void;
  readonly notice: ReactNode;
  readonly dialog: ReactNode;
}

export function useAsked(reload: () => Promise<void>): Asked {
  const { say, place, element: notice } = useNotice();
  const confirm = useConfirm(place);
  const ask: Asked['ask'] = ({ title, label }, text, act) =>
    confirm.ask({
      title,
      label,
      text,
      act: async () => {
        const done = await act();
        await reload();
        say(done);
      },
    });
  return { ask, say, notice, dialog: confirm.element };
}

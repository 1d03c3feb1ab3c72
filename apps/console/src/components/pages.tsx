import { Button } from '@mantine/core';
import { useState } from 'react';
import { admin } from '../texts/admin.js';

const { pages: words } = admin;

/** Pages that know only where the next one begins. */
export interface Pages {
  /** Where this page begins; undefined for the first one. */
  readonly after: string | undefined;
  readonly number: number;
  readonly next: (after: string) => void;
  readonly previous: () => void;
  readonly first: () => void;
}

export function usePages(): Pages {
  const [starts, setStarts] = useState<readonly string[]>([]);
  return {
    after: starts.at(-1),
    number: starts.length + 1,
    next: (after) => setStarts([...starts, after]),
    previous: () => setStarts(starts.slice(0, -1)),
    first: () => setStarts([]),
  };
}

export function PageButtons(props: { pages: Pages; next: string | undefined; isBusy: boolean }) {
  const { pages, next, isBusy } = props;
  if (pages.number === 1 && next === undefined) return null;
  return (
    <div className="pages">
      <Button
        variant="default"
        size="xs"
        disabled={isBusy || pages.number === 1}
        onClick={pages.previous}
      >
        {words.previous}
      </Button>
      <span className="hint">{words.of(pages.number)}</span>
      <Button
        variant="default"
        size="xs"
        disabled={isBusy || next === undefined}
        onClick={() => next !== undefined && pages.next(next)}
      >
        {words.next}
      </Button>
    </div>
  );
}

import type { ReactNode } from 'react';
import { auth } from '../texts/auth.js';
import type { Loaded } from '../auth/use-loaded.js';
import { LoadProblem } from './problem.js';

/** Shows a list once it is loaded, and why it is not, or no longer, up to date. */
export function LoadedList<Value>(props: {
  loaded: Loaded<Value>;
  children: (value: Value) => ReactNode;
}) {
  const { value, error, isLoading, reload } = props.loaded;
  return (
    <div aria-busy={isLoading} className="loaded">
      <LoadProblem error={error} onRetry={reload} />
      {value !== undefined
        ? props.children(value)
        : isLoading && <p className="hint">{auth.list.loading}</p>}
    </div>
  );
}

import { Button } from '@mantine/core';
import { WarningIcon } from '../shell/icons.js';
import { auth } from '../texts/auth.js';
import type { ApiError } from '../auth/api-error.js';

/** Says why something was not done, once it is known. */
export function ProblemNote({ error }: { error: ApiError | undefined }) {
  return (
    <div role="alert">
      {error && (
        <p className="problem">
          <WarningIcon />
          <span>{error.message}</span>
        </p>
      )}
    </div>
  );
}

/** In place of a list that could not be loaded, or above one that is out of date. */
export function LoadProblem(props: { error: ApiError | undefined; onRetry: () => Promise<void> }) {
  const { error, onRetry } = props;
  return (
    <div role="alert">
      {error && (
        <p className="problem">
          <WarningIcon />
          <span>
            {auth.list.failed} {error.message}{' '}
            <Button variant="subtle" size="compact-sm" onClick={() => void onRetry()}>
              {auth.list.retry}
            </Button>
          </span>
        </p>
      )}
    </div>
  );
}

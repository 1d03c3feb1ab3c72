import type { StackUser } from '@latchkey/contracts/live';
import { Button } from '@mantine/core';
import { live } from '../../../texts/live.js';
import type { Actions } from '../actions.js';
import type { Session } from './use-session.js';

const texts = live.actions;

interface ActionsProps {
  readonly actions: Actions;
  readonly session: Session;
  /** Undefined where nobody knows one. */
  readonly administrator: StackUser | undefined;
  readonly onOrder: (() => void) | undefined;
  readonly isOrdering: boolean;
}

/** What can be done with a session. The first button is what the page is about. */
export function ActionsPanel(props: ActionsProps) {
  const { actions, onOrder, isOrdering } = props;
  const { busy } = actions;
  const isBusy = busy !== undefined || isOrdering;

  return (
    <div className="live-actions" role="group" aria-label={texts.title}>
      <Button
        size="lg"
        className="live-log-out"
        loading={busy === 'log_out'}
        disabled={isBusy}
        onClick={() => actions.logOut(false)}
      >
        {texts.logOut}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={isBusy}
        loading={busy === 'everywhere'}
        onClick={() => actions.logOut(true)}
      >
        {texts.everywhere}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={isBusy}
        loading={busy === 'refresh'}
        onClick={actions.refresh}
      >
        {texts.refresh}
      </Button>
      {onOrder && (
        <Button
          size="xs"
          variant="default"
          disabled={isBusy}
          loading={isOrdering}
          onClick={onOrder}
        >
          {texts.order}
        </Button>
      )}
      <AdministratorButtons {...props} isBusy={isBusy} />
    </div>
  );
}

function AdministratorButtons({
  actions,
  session,
  administrator,
  isBusy,
}: ActionsProps & { isBusy: boolean }) {
  if (!administrator) return null;
  const { busy } = actions;
  const { username } = session;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        disabled={isBusy}
        loading={busy === 'rotate'}
        onClick={() => actions.rotate(administrator)}
      >
        {texts.rotate}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={isBusy}
        loading={busy === 'disable'}
        onClick={() => actions.disable(username, administrator)}
      >
        {texts.disable(username)}
      </Button>
    </>
  );
}

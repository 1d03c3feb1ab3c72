import type { StackReport } from '@latchkey/contracts/live';
import { Button } from '@mantine/core';
import { live } from '../../../texts/live.js';
import { Part } from '../part.js';
import type { Actions } from '../actions.js';
import { ActionsPanel } from './actions-panel.js';
import { Credentials } from './credentials.js';
import { DemoUsers, LogInForm } from './log-in-panel.js';
import type { Session } from './use-session.js';

const texts = live.session;

interface SessionPanelProps {
  readonly report: StackReport | undefined;
  readonly session: Session | undefined;
  readonly actions: Actions;
  readonly onOrder: (() => void) | undefined;
  readonly isOrdering: boolean;
  /** Whether it is not known yet who may log in. */
  readonly isLoading: boolean;
  /** Whether every replica has rejected the token of the session. */
  readonly isRejected: boolean;
}

/** The user: log in, see both credentials, and act. */
export function SessionPanel(props: SessionPanelProps) {
  const { report, session, actions, isRejected } = props;
  const administrator = report?.users.find(({ isAdministrator }) => isAdministrator);
  const isOver = !session || session.hasEnded;
  return (
    <Part title={titleOf(session)} className="live-session">
      {isOver && <LogIn {...props} />}
      {!session && <Steps />}
      {session && !isOver && (
        <ActionsPanel {...props} session={session} administrator={administrator} />
      )}
      <NoticeLine actions={actions} administrator={administrator} />
      {session && <Credentials session={session} isRejected={isRejected} />}
    </Part>
  );
}

function titleOf(session: Session | undefined): string {
  if (!session) return texts.title;
  return (session.hasEnded ? texts.isOut : texts.isIn)(session.username);
}

function LogIn({ report, session, actions: { busy, logIn }, isLoading }: SessionPanelProps) {
  if (isLoading) return <p className="live-quiet">{live.control.loading}</p>;
  const users = report?.users.filter(({ isAdministrator }) => !isAdministrator) ?? [];
  return users.length > 0 ? (
    <DemoUsers users={users} onLogIn={logIn} busy={busy} last={session?.username} />
  ) : (
    <LogInForm onLogIn={logIn} busy={busy} />
  );
}

function Steps() {
  return (
    <ol className="live-steps">
      {texts.steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}

function NoticeLine(props: {
  actions: Actions;
  administrator: StackReport['users'][number] | undefined;
}) {
  const { actions, administrator } = props;
  const { notice, disabled, busy } = actions;
  return (
    <div className="live-notice" aria-live="polite">
      {notice && <p data-tone={notice.tone}>{notice.text}</p>}
      {disabled !== undefined && administrator && (
        <Button
          size="compact-sm"
          variant="default"
          loading={busy === 'enable'}
          onClick={() => actions.enable(disabled, administrator)}
        >
          {live.actions.enable(disabled)}
        </Button>
      )}
    </div>
  );
}

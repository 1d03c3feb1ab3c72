import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { logOut, revoke, segment } from '../../auth/api.js';
import type { Loaded } from '../../auth/use-loaded.js';
import { useAsked, type Asked } from '../../components/asked.js';
import { LoadedList } from '../../components/loaded-list.js';
import { SessionsList, type SessionReply } from '../../components/sessions-list.js';
import { Panel } from '../../shell/panel.js';
import { account } from '../../texts/account.js';

const { sessions: words, endOne, endOthers, endAll } = account;

interface SessionsPanelProps {
  readonly loaded: Loaded<SessionListReply>;
  /** Gets a sentence about it. This panel is gone then. */
  readonly onLoggedOut: (done: string) => void;
}

/** Where the user is logged in. */
export function SessionsPanel(props: SessionsPanelProps) {
  const { loaded, onLoggedOut } = props;
  const asked = useAsked(loaded.reload);
  return (
    <Panel title={words.title} aside={<Buttons {...props} ask={asked.ask} />}>
      {asked.notice}
      <LoadedList loaded={loaded}>
        {({ sessions }) => (
          <SessionsList
            sessions={sessions}
            onEnd={(session, device) =>
              asked.ask(endOne, session.current ? endOne.current : endOne.text(device), () =>
                end(session, device, onLoggedOut),
              )
            }
          />
        )}
      </LoadedList>
      {asked.dialog}
    </Panel>
  );
}

async function end(
  { sid, current }: SessionReply,
  device: string,
  onLoggedOut: (done: string) => void,
): Promise<string> {
  const ended = endOne.done(device);
  if (!current) return `${ended} ${await revoke('DELETE', `sessions/${segment(sid)}`)}`;
  // The session of this tab knows of a log-out, and tells the other tabs.
  const done = `${ended} ${await logOut(false)}`;
  onLoggedOut(done);
  return done;
}

function Buttons(props: SessionsPanelProps & { ask: Asked['ask'] }) {
  const { loaded, onLoggedOut, ask } = props;
  const others = loaded.value?.sessions.filter(({ current }) => !current).length ?? 0;
  const askOthers = () =>
    ask(
      endOthers,
      endOthers.text(others),
      async () => `${endOthers.done} ${await revoke('DELETE', 'sessions')}`,
    );
  const askAll = () =>
    ask(endAll, endAll.text, async () => {
      const done = `${endAll.done} ${await logOut(true)}`;
      onLoggedOut(done);
      return done;
    });
  return (
    <div className="row">
      <Button variant="subtle" size="compact-sm" onClick={() => void loaded.reload()}>
        {words.reload}
      </Button>
      <Button variant="default" size="xs" disabled={others === 0} onClick={askOthers}>
        {words.endOthers}
      </Button>
      <Button variant="default" size="xs" onClick={askAll}>
        {words.endAll}
      </Button>
    </div>
  );
}

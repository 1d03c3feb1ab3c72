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

/** Where the user is logged in. */
export function SessionsPanel({ loaded }: { loaded: Loaded<SessionListReply> }) {
  const asked = useAsked(loaded.reload);
  return (
    <Panel title={words.title} aside={<Buttons loaded={loaded} ask={asked.ask} />}>
      {asked.notice}
      <LoadedList loaded={loaded}>
        {({ sessions }) => (
          <SessionsList
            sessions={sessions}
            onEnd={(session, device) => askEnd(asked.ask, session, device)}
          />
        )}
      </LoadedList>
      {asked.dialog}
    </Panel>
  );
}

function askEnd(ask: Asked['ask'], { sid, current }: SessionReply, device: string): void {
  ask(endOne, current ? endOne.current : endOne.text(device), async () => {
    const done = endOne.done(device);
    if (!current) return `${done} ${await revoke('DELETE', `sessions/${segment(sid)}`)}`;
    // The session of this tab knows of a log-out, and tells the other tabs.
    await logOut(false);
    return done;
  });
}

function Buttons(props: { loaded: Loaded<SessionListReply>; ask: Asked['ask'] }) {
  const { loaded, ask } = props;
  const others = loaded.value?.sessions.filter(({ current }) => !current).length ?? 0;
  const askOthers = () =>
    ask(
      endOthers,
      endOthers.text(others),
      async () => `${endOthers.done} ${await revoke('DELETE', 'sessions')}`,
    );
  const askAll = () =>
    ask(endAll, endAll.text, async () => {
      await logOut(true);
      return endAll.done;
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

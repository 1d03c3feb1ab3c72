import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { useCallback } from 'react';
import { read, revoke, segment } from '../../../auth/api.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { useAsked } from '../../../components/asked.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { SessionsList, type SessionReply } from '../../../components/sessions-list.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import type { UserActs } from './user-acts.js';

const { user: words } = admin;

/** The live sessions of a user. Most acts on a user end them, so that they are read again with the user. */
export function UserSessionsPanel({ user, path }: Pick<UserActs, 'user' | 'path'>) {
  const { username } = user;
  const load = useCallback(
    (signal: AbortSignal) => read<SessionListReply>(`${path}/sessions`, signal),
    [path, user],
  );
  const loaded = useLoaded(load);
  const { ask, notice, dialog } = useAsked(loaded.reload);

  const askEnd = ({ sid }: SessionReply, device: string) => {
    const { session } = words.asked;
    ask(session, session.text(username, device), async () => {
      const published = await revoke('DELETE', `admin/sessions/${segment(sid)}`);
      return `${session.done(device)} ${published}`;
    });
  };
  const askEndAll = () => {
    const { sessions } = words.asked;
    ask(sessions, sessions.text(username), async () => {
      const published = await revoke('DELETE', `${path}/sessions`);
      return `${sessions.done(username)} ${published}`;
    });
  };
  const isEmpty = !loaded.value?.sessions.length;
  return (
    <Panel
      title={words.sessions}
      className="user-sessions"
      aside={
        <div className="row">
          <Button variant="subtle" size="compact-sm" onClick={() => void loaded.reload()}>
            {admin.reload}
          </Button>
          <Button variant="default" size="xs" disabled={isEmpty} onClick={askEndAll}>
            {words.endAll}
          </Button>
        </div>
      }
    >
      {notice}
      <LoadedList loaded={loaded}>
        {({ sessions }) => <SessionsList sessions={sessions} onEnd={askEnd} />}
      </LoadedList>
      {dialog}
    </Panel>
  );
}

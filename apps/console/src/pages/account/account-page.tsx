import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { useEffect } from 'react';
import { useAccount } from '../../auth/account.js';
import { read } from '../../auth/api.js';
import { useLoaded, type Loaded } from '../../auth/use-loaded.js';
import { useNotice } from '../../components/notice.js';
import { WithSession } from '../../components/with-session.js';
import { account } from '../../texts/account.js';
import { auth } from '../../texts/auth.js';
import './account.css';
import { PasswordPanel } from './password-panel.js';
import { SessionsPanel } from './sessions-panel.js';
import { YouPanel } from './you-panel.js';

/** The sessions and the password of the user who is logged in. */
export default function AccountPage() {
  // A log-out takes the panels away, so that the page says what became of it.
  const { say, element } = useNotice();
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{account.title}</h1>
        <p className="page-lead">{account.lead}</p>
      </div>
      {element}
      <WithSession>{(userId) => <Account key={userId} userId={userId} say={say} />}</WithSession>
    </>
  );
}

/** The key of its user forgets everything when another one logs in. All panels appear at once, so that none moves. */
function Account({ userId, say }: { userId: string; say: (text: string) => void }) {
  const you = useAccount(userId);
  const sessions = useLoaded(loadSessions);
  useEffect(() => say(''), [say]);
  if (isOpen(you) || isOpen(sessions)) return <p className="hint">{auth.list.loading}</p>;
  return (
    <div className="account">
      <SessionsPanel loaded={sessions} onLoggedOut={say} />
      <div className="account-side">
        <YouPanel loaded={you} onLoggedOut={say} />
        <PasswordPanel onChanged={sessions.reload} />
      </div>
    </div>
  );
}

const loadSessions = (signal: AbortSignal) => read<SessionListReply>('sessions', signal);

/** Neither its value nor a failure is known yet. */
const isOpen = ({ value, error }: Loaded<unknown>) => value === undefined && error === undefined;

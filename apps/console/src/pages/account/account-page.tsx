import type { SessionListReply } from '@latchkey/contracts/auth-api';
import { useAccount } from '../../auth/account.js';
import { read } from '../../auth/api.js';
import { useLoaded, type Loaded } from '../../auth/use-loaded.js';
import { WithSession } from '../../components/with-session.js';
import { account } from '../../texts/account.js';
import { auth } from '../../texts/auth.js';
import './account.css';
import { PasswordPanel } from './password-panel.js';
import { SessionsPanel } from './sessions-panel.js';
import { YouPanel } from './you-panel.js';

/** The sessions and the password of the user who is logged in. */
export default function AccountPage() {
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{account.title}</h1>
        <p className="page-lead">{account.lead}</p>
      </div>
      <WithSession>{(userId) => <Account key={userId} userId={userId} />}</WithSession>
    </>
  );
}

/** The key of its user forgets everything when another one logs in. All panels appear at once, so that none moves. */
function Account({ userId }: { userId: string }) {
  const you = useAccount(userId);
  const sessions = useLoaded(loadSessions);
  if (isOpen(you) || isOpen(sessions)) return <p className="hint">{auth.list.loading}</p>;
  return (
    <div className="account">
      <SessionsPanel loaded={sessions} />
      <div className="account-side">
        <YouPanel loaded={you} />
        <PasswordPanel onChanged={sessions.reload} />
      </div>
    </div>
  );
}

const loadSessions = (signal: AbortSignal) => read<SessionListReply>('sessions', signal);

/** Neither its value nor a failure is known yet. */
const isOpen = ({ value, error }: Loaded<unknown>) => value === undefined && error === undefined;

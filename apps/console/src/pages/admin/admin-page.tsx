import type { ReactNode } from 'react';
import { Link, Redirect, Route, Switch } from 'wouter';
import { ADMIN_SCOPE, useAccount } from '../../auth/account.js';
import { LoadedList } from '../../components/loaded-list.js';
import { WithSession } from '../../components/with-session.js';
import { NavigationLink } from '../../shell/navigation-link.js';
import { NotFound } from '../../shell/not-found.js';
import { admin } from '../../texts/admin.js';
import './admin.css';
import { AuditPage } from './audit/audit-page.js';
import { ClientPage } from './clients/client-page.js';
import { ClientsPage } from './clients/clients-page.js';
import { NewClientPage } from './clients/new-client-page.js';
import { KeysPage } from './keys/keys-page.js';
import { NewUserPage } from './users/new-user-page.js';
import { UserPage } from './users/user-page.js';
import { UsersPage } from './users/users-page.js';

const { parts } = admin;
const PARTS = ['users', 'clients', 'keys', 'audit'] as const;

/** The administration, for users with its scope. */
export default function AdminPage() {
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{admin.title}</h1>
        <p className="page-lead">{admin.lead}</p>
      </div>
      <WithSession>
        {(userId) => (
          <ForAdministrators key={userId} userId={userId}>
            <nav className="admin-nav" aria-label={admin.navigation}>
              {PARTS.map((part) => (
                <NavigationLink key={part} to={`/admin/${part}`} title={parts[part]} />
              ))}
            </nav>
            <Parts />
          </ForAdministrators>
        )}
      </WithSession>
    </>
  );
}

/** Auth decides about each request; this says so before the first one fails. */
function ForAdministrators({ userId, children }: { userId: string; children: ReactNode }) {
  const loaded = useAccount(userId);
  return (
    <LoadedList loaded={loaded}>
      {({ username, scopes }) =>
        scopes.includes(ADMIN_SCOPE) ? children : <Forbidden username={username} />
      }
    </LoadedList>
  );
}

function Forbidden({ username }: { username: string }) {
  const { title, text, account } = admin.forbidden;
  return (
    <section className="panel sentence">
      <h2 className="panel-title">{title}</h2>
      <p>{text(username)}</p>
      <Link to="/account">{account}</Link>
    </section>
  );
}

const Parts = () => (
  <Switch>
    <Route path="/admin">
      <Redirect to="/admin/users" replace />
    </Route>
    <Route path="/admin/users" component={UsersPage} />
    <Route path="/admin/users/all/new" component={NewUserPage} />
    <Route path="/admin/users/:username">
      {({ username }) => <UserPage username={decoded(username)} />}
    </Route>
    <Route path="/admin/clients" component={ClientsPage} />
    <Route path="/admin/clients/all/new" component={NewClientPage} />
    <Route path="/admin/clients/:clientId">
      {({ clientId }) => <ClientPage clientId={decoded(clientId)} />}
    </Route>
    <Route path="/admin/keys" component={KeysPage} />
    <Route path="/admin/audit" component={AuditPage} />
    <Route component={NotFound} />
  </Switch>
);

/** The router decodes only part of an address; somebody may have typed it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

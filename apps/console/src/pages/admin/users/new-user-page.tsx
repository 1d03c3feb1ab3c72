import type { UserReply } from '@latchkey/contracts/auth-api';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { segment, send } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { messageFor } from '../../../auth/field-messages.js';
import { NameField, PasswordField } from '../../../components/fields.js';
import { FormButtons } from '../../../components/form-buttons.js';
import { ProblemNote } from '../../../components/problem.js';
import { wordsOf } from '../../../text/words.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';

const { form: words } = admin.users;

export function NewUserPage() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [roles, setRoles] = useState('');
  const { isRunning, error, run } = useAct();
  const [, navigate] = useLocation();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const body = { username, password, roles: wordsOf(roles) };
      const created = await send<UserReply>('POST', 'admin/users', body);
      navigate(`/admin/users/${segment(created.username)}`);
    });
  };
  return (
    <Panel title={words.title} className="narrow">
      <form onSubmit={submit} className="form">
        <NameField
          label={words.username}
          description={words.usernameHint}
          value={username}
          onChange={setUsername}
          error={messageFor(error, '/username')}
          maxLength={254}
          required
        />
        <PasswordField
          label={words.password}
          description={words.passwordHint}
          value={password}
          onChange={setPassword}
          error={messageFor(error, '/password')}
          isNew
        />
        <NameField
          label={words.roles}
          description={words.rolesHint}
          value={roles}
          onChange={setRoles}
          error={messageFor(error, '/roles')}
        />
        <ProblemNote error={error} />
        <FormButtons label={words.submit} isRunning={isRunning} back="/admin/users" />
      </form>
    </Panel>
  );
}

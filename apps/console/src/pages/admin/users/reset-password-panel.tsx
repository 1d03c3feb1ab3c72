import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { revoke } from '../../../auth/api.js';
import { PasswordField } from '../../../components/fields.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import type { UserActs } from './user-acts.js';

const { passwordPanel: words, asked } = admin.user;

export function ResetPasswordPanel({ user, path, ask }: UserActs) {
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask(asked.password, asked.password.text(user.username), async () => {
      const published = await revoke('PUT', `${path}/password`, { password });
      setPassword('');
      return `${words.done(user.username)} ${published}`;
    });
  };
  return (
    <Panel title={words.title}>
      <form onSubmit={submit} className="form">
        <PasswordField
          label={words.label}
          description={words.hint}
          value={password}
          onChange={setPassword}
          isNew
        />
        <Button type="submit" variant="default">
          {words.submit}
        </Button>
      </form>
    </Panel>
  );
}

import type { StackUser } from '@latchkey/contracts/live';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRef, type FormEvent } from 'react';
import { live } from '../../../texts/live.js';
import type { Account } from '../calls/auth-calls.js';

const texts = live.session;

interface LogInProps {
  readonly onLogIn: (account: Account) => void;
  /** The name of the account that is being logged in. */
  readonly busy: string | undefined;
}

/** Logs a demo user in with one click. */
export function DemoUsers({
  users,
  onLogIn,
  busy,
  last,
}: LogInProps & { users: readonly StackUser[]; last: string | undefined }) {
  return (
    <div className="live-users">
      {users.map((user, index) => (
        <Button
          key={user.username}
          variant={index === 0 ? 'filled' : 'default'}
          loading={busy === user.username}
          disabled={busy !== undefined}
          onClick={() => onLogIn(user)}
        >
          {user.username === last ? texts.again(user.username) : texts.as(user.username)}
        </Button>
      ))}
      <p className="live-quiet">{texts.hint}</p>
    </div>
  );
}

/** Logs anybody in, where nobody knows of demo users. The password is read once, and not kept. */
export function LogInForm({ onLogIn, busy }: LogInProps) {
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const fields = new FormData(form.current ?? undefined);
    onLogIn({ username: textOf(fields, 'username'), password: textOf(fields, 'password') });
  };
  return (
    <form ref={form} onSubmit={submit} className="live-form">
      <TextInput name="username" label={texts.username} required autoComplete="username" />
      <PasswordInput
        name="password"
        label={texts.password}
        required
        autoComplete="current-password"
      />
      <Button type="submit" loading={busy !== undefined}>
        {texts.other}
      </Button>
    </form>
  );
}

function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

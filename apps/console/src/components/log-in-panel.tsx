import { Button } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Panel } from '../shell/panel.js';
import { auth } from '../texts/auth.js';
import { ApiError } from '../auth/api-error.js';
import { logIn, register } from '../auth/api.js';
import { useAct } from '../auth/use-act.js';
import { NameField, PasswordField } from './fields.js';
import { ProblemNote } from './problem.js';

const { logIn: words, errors } = auth;

/** Logs in, or creates an account first. */
export function LogInPanel() {
  const [isNew, setNew] = useState(false);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const { isRunning, error, run, forget } = useAct();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(() => (isNew ? registerAndLogIn(username, password) : logIn(username, password)));
  };
  const change = () => {
    forget();
    setNew(!isNew);
  };
  return (
    <Panel title={isNew ? words.register : words.title} className="log-in">
      <form onSubmit={submit} className="form">
        <NameField
          label={words.username}
          description={isNew ? words.usernameHint : undefined}
          value={username}
          onChange={setUsername}
          error={error?.fields['/username']}
          autoComplete="username"
          maxLength={254}
          required
        />
        <PasswordField
          label={words.password}
          description={isNew ? words.newPasswordHint : undefined}
          value={password}
          onChange={setPassword}
          error={error?.fields['/password']}
          isNew={isNew}
        />
        <ProblemNote error={error} />
        <Button type="submit" loading={isRunning}>
          {isNew ? words.submitRegistration : words.submit}
        </Button>
      </form>
      <p className="log-in-other">
        <Button variant="subtle" size="compact-sm" disabled={isRunning} onClick={change}>
          {isNew ? words.toLogIn : words.toRegister}
        </Button>
      </p>
      <p className="hint">{words.kept}</p>
    </Panel>
  );
}

/** Auth does not say whether a name was free; whether the new password works does. */
async function registerAndLogIn(username: string, password: string): Promise<void> {
  await register(username, password);
  try {
    await logIn(username, password);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'invalid-credentials') throw error;
    throw new ApiError([errors.taken], 'username_taken', {}, { cause: error });
  }
}

import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useId, useState, type FormEvent } from 'react';
import { admin } from '../../../texts/admin.js';
import { auth } from '../../../texts/auth.js';

const { form: words } = admin.clients;
const { credentials } = admin.client;

export type CredentialKind = 'secret' | 'key';

export function KindField(props: {
  kind: CredentialKind;
  onChange: (kind: CredentialKind) => void;
}) {
  const id = useId();
  return (
    <div>
      <div id={id} className="field-label">
        {words.credential}
      </div>
      <SegmentedControl
        aria-labelledby={id}
        value={props.kind}
        onChange={(kind) => props.onChange(kind)}
        data={[
          { value: 'secret', label: words.secret },
          { value: 'key', label: words.key },
        ]}
      />
    </div>
  );
}

/** A public key to paste. */
export function JwkField(props: {
  value: string;
  onChange: (text: string) => void;
  message: string | undefined;
}) {
  return (
    <Textarea
      label={words.jwk}
      description={words.jwkHint}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={props.message}
      rows={6}
      classNames={{ input: 'mono-input' }}
      spellCheck={false}
      required
      withAsterisk={false}
    />
  );
}

/** Adds a key to a client. */
export function KeyForm(props: {
  isRunning: boolean;
  message: string | undefined;
  onAdd: (jwk: string) => void;
  onCancel: () => void;
}) {
  const [jwk, setJwk] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onAdd(jwk);
  };
  return (
    <form onSubmit={submit} className="form">
      <JwkField value={jwk} onChange={setJwk} message={props.message} />
      <div className="row">
        <Button type="submit" size="xs" loading={props.isRunning}>
          {credentials.keyForm}
        </Button>
        <Button size="xs" variant="subtle" disabled={props.isRunning} onClick={props.onCancel}>
          {auth.confirm.cancel}
        </Button>
      </div>
    </form>
  );
}

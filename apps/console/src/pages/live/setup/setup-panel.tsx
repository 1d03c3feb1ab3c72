import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { live } from '../../../texts/live.js';
import { Part } from '../part.js';
import type { ReplicaAddress } from '../replicas/replica.js';
import { serviceAt } from './service-address.js';

const texts = live.setup;

/** What to do where there is no control server, which would know the services. */
export function SetupPanel(props: {
  addresses: readonly ReplicaAddress[];
  onAdd: (address: ReplicaAddress) => void;
}) {
  const { addresses, onAdd } = props;
  return (
    <Part title={texts.title} className="live-setup">
      <p>{texts.local}</p>
      <pre>{texts.command}</pre>
      <p>{texts.deployed}</p>
      <AddService addresses={addresses} onAdd={onAdd} />
    </Part>
  );
}

function AddService({
  addresses,
  onAdd,
}: {
  addresses: readonly ReplicaAddress[];
  onAdd: (address: ReplicaAddress) => void;
}) {
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = serviceAt(text);
    if (!address) return setError(texts.invalid);
    if (addresses.some(({ name }) => name === address.name)) return setError(texts.known);
    setError(undefined);
    setText('');
    onAdd(address);
  };
  return (
    <form onSubmit={submit} className="live-form" noValidate>
      <TextInput
        type="url"
        label={texts.address}
        placeholder={texts.example}
        value={text}
        error={error}
        autoComplete="off"
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit" variant="default">
        {texts.add}
      </Button>
    </form>
  );
}

import type { UserReply } from '@latchkey/contracts/auth-api';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError } from '../../../auth/api-error.js';
import { read, segment } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { messageFor } from '../../../auth/field-messages.js';
import { ProblemNote } from '../../../components/problem.js';
import { admin } from '../../../texts/admin.js';

const { audit } = admin;
const { filters: words } = audit;

const EVENTS = [
  { value: '', label: words.anyEvent },
  ...Object.entries(audit.events).map(([value, label]) => ({ value, label })),
];
const EMPTY = { event: '', subject: '', by: '', client: '', since: '', until: '' };
type Fields = typeof EMPTY;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Restricts the events. Users are entered by name or id. */
export function AuditFilters(props: {
  onFilter: (filters: Readonly<Record<string, string>>) => void;
}) {
  const [fields, setFields] = useState(EMPTY);
  const { isRunning, error, run, forget } = useAct();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => props.onFilter(await filtersOf(fields)));
  };
  const clear = () => {
    forget();
    setFields(EMPTY);
    props.onFilter({});
  };
  const field = (name: keyof Fields) => ({
    label: words[name],
    value: fields[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setFields((before) => ({ ...before, [name]: value })),
    error: messageFor(error, name),
    size: 'xs' as const,
  });
  const name = { placeholder: words.userHint, autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <form onSubmit={submit} className="filters" aria-label={words.title}>
      <NativeSelect {...field('event')} data={EVENTS} />
      <TextInput {...field('subject')} {...name} />
      <TextInput {...field('by')} {...name} />
      <TextInput {...field('client')} autoCapitalize="none" spellCheck={false} />
      <TextInput {...field('since')} type="datetime-local" />
      <TextInput {...field('until')} type="datetime-local" />
      <div className="row filters-buttons">
        <Button type="submit" size="xs" variant="default" loading={isRunning}>
          {words.submit}
        </Button>
        <Button size="xs" variant="subtle" disabled={isRunning} onClick={clear}>
          {words.clear}
        </Button>
      </div>
      <ProblemNote error={error} />
    </form>
  );
}

/** @throws {@link ApiError} if there is no user with an entered name */
async function filtersOf(fields: Fields): Promise<Record<string, string>> {
  const [subject, by] = await Promise.all([
    userIdOf('subject', fields.subject),
    userIdOf('by', fields.by),
  ]);
  const filters = {
    event: fields.event,
    subject,
    by,
    client: fields.client.trim(),
    since: timeOf(fields.since),
    until: timeOf(fields.until),
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
}

/** The input has the local time without an offset. */
const timeOf = (local: string) => (local === '' ? '' : new Date(local).toISOString());

async function userIdOf(field: keyof Fields, entered: string): Promise<string> {
  const name = entered.trim();
  if (name === '' || UUID.test(name)) return name;
  try {
    return (await read<UserReply>(`admin/users/${segment(name)}`)).id;
  } catch (error) {
    if (!(error instanceof ApiError) || !['user_not_found', 'invalid_input'].includes(error.code))
      throw error;
    const message = words.unknownUser(name);
    throw new ApiError([message], 'user_not_found', { [field]: message }, { cause: error });
  }
}

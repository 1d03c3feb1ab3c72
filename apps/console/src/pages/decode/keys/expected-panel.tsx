import { DEFAULT_CLOCK_TOLERANCE_SECONDS, type Expectations } from '@latchkey/inspector';
import { TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { texts } from '../../../texts.js';

const { expected: words } = texts.keys;

/** The fields as they were typed. */
type Fields = Readonly<Record<'issuer' | 'audience' | 'type' | 'tolerance' | 'lifetime', string>>;

const EMPTY: Fields = { issuer: '', audience: '', type: '', tolerance: '', lifetime: '' };

export interface Expected {
  readonly fields: Fields;
  readonly set: (name: keyof Fields, value: string) => void;
  readonly expectations: Expectations;
}

/** What the token is expected to say. */
export function useExpected(): Expected {
  const [fields, setFields] = useState(EMPTY);
  const expectations = useMemo(() => expectationsOf(fields), [fields]);
  return {
    fields,
    set: (name, value) => setFields((before) => ({ ...before, [name]: value })),
    expectations,
  };
}

function expectationsOf({ issuer, audience, type, tolerance, lifetime }: Fields): Expectations {
  const [clock, most] = [secondsOf(tolerance), secondsOf(lifetime)];
  return {
    ...(issuer !== '' && { issuer }),
    ...(audience !== '' && { audience }),
    ...(type !== '' && { type }),
    ...(clock !== undefined && { clockToleranceSeconds: clock }),
    ...(most !== undefined && { maxLifetimeSeconds: most }),
  };
}

const secondsOf = (text: string) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined);

export function ExpectedPanel({ expected }: { expected: Expected }) {
  const { fields, set } = expected;
  const field = (name: keyof Fields, isNumber = false, placeholder = '') => (
    <TextInput
      size="xs"
      label={words[name]}
      placeholder={placeholder}
      value={fields[name]}
      onChange={(event) => set(name, event.currentTarget.value)}
      error={isNumber && fields[name] !== '' && secondsOf(fields[name]) === undefined}
      inputMode={isNumber ? 'numeric' : 'text'}
      autoComplete="off"
      spellCheck={false}
    />
  );
  return (
    <details className="panel expected">
      <summary className="panel-title">{words.title}</summary>
      <p className="hint">{words.lead(DEFAULT_CLOCK_TOLERANCE_SECONDS)}</p>
      <div className="fields">
        {field('issuer')}
        {field('audience')}
        {field('type')}
        {field('tolerance', true, String(DEFAULT_CLOCK_TOLERANCE_SECONDS))}
        {field('lifetime', true)}
      </div>
    </details>
  );
}

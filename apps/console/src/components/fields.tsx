import { PasswordInput, TextInput } from '@mantine/core';
import { auth } from '../texts/auth.js';

interface Field {
  readonly label: string;
  readonly description?: string | undefined;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** What is wrong with it. */
  readonly error?: string | undefined;
  readonly required?: boolean;
  /** It can be read and copied, but not changed. */
  readonly readOnly?: boolean;
}

/** A name, an id or a list of them: keyboards must not change what is typed. */
export function NameField({
  onChange,
  autoComplete = 'off',
  ...field
}: Field & {
  readonly autoComplete?: string;
  readonly maxLength?: number;
}) {
  return (
    <TextInput
      {...field}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellCheck={false}
      withAsterisk={false}
    />
  );
}

export function PasswordField({
  onChange,
  isNew = false,
  ...field
}: Omit<Field, 'required'> & {
  /** Password managers fill in the present one, or propose another one. */
  readonly isNew?: boolean;
}) {
  return (
    <PasswordInput
      {...field}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      visibilityToggleButtonProps={{ 'aria-label': auth.logIn.show, tabIndex: 0 }}
      required
      withAsterisk={false}
    />
  );
}

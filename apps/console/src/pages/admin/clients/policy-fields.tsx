import { Textarea } from '@mantine/core';
import type { ApiError } from '../../../auth/api-error.js';
import { messageFor } from '../../../auth/field-messages.js';
import { NameField } from '../../../components/fields.js';
import { admin } from '../../../texts/admin.js';

const { form: words } = admin.clients;

export interface PolicyTexts {
  readonly scopes: string;
  readonly exchange: string;
}

/** What a client may do, as text. */
export function PolicyFields(props: {
  texts: PolicyTexts;
  onChange: (texts: PolicyTexts) => void;
  error: ApiError | undefined;
  readOnly?: boolean;
}) {
  const { texts, onChange, error, readOnly = false } = props;
  return (
    <>
      <NameField
        label={words.scopes}
        description={words.scopesHint}
        value={texts.scopes}
        onChange={(scopes) => onChange({ ...texts, scopes })}
        error={messageFor(error, '/scopes')}
        readOnly={readOnly}
      />
      <Textarea
        label={words.exchange}
        description={words.exchangeHint}
        value={texts.exchange}
        onChange={(event) => onChange({ ...texts, exchange: event.currentTarget.value })}
        error={messageFor(error, '/exchange')}
        readOnly={readOnly}
        rows={3}
        autoCapitalize="none"
        spellCheck={false}
      />
    </>
  );
}

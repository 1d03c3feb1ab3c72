import { Button, TextInput } from '@mantine/core';
import { texts } from '../../../texts.js';
import type { ChosenKeys } from './use-keys.js';

const { keys: words } = texts;

/** Fetches a key set. Nothing of the token is in the request but what the user sees in the address. */
export function KeyAddress({ keys, issuer }: { keys: ChosenKeys; issuer: unknown }) {
  const usual = usualAddress(issuer);
  return (
    <form
      className="key-address"
      onSubmit={(event) => {
        event.preventDefault();
        keys.fetch();
      }}
    >
      <TextInput
        label={words.urlLabel}
        placeholder={words.urlPlaceholder}
        value={keys.url}
        onChange={(event) => keys.setUrl(event.currentTarget.value)}
        type="text"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
      />
      <div className="row">
        <Button type="submit" size="xs" loading={keys.isFetching} disabled={keys.url.trim() === ''}>
          {words.fetch}
        </Button>
        {usual !== undefined && keys.url !== usual && (
          <Button variant="subtle" size="xs" onClick={() => keys.setUrl(usual)}>
            {words.ofIssuer}
          </Button>
        )}
      </div>
    </form>
  );
}

/** Where OpenID providers have their metadata, which names the key set (OpenID Connect Discovery 1.0 §4). */
function usualAddress(issuer: unknown): string | undefined {
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) return undefined;
  const url = new URL(issuer);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/.well-known/openid-configuration`;
}

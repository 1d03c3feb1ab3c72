import { readKeys, type DecodedToken, type InspectorKey, type KeyNote } from '@latchkey/inspector';
import { useEffect, useMemo, useState } from 'react';
import type { KnownSystem } from '../../../system/use-system.js';
import { fetchKeys } from './fetch-keys.js';

/** Where the keys come from. */
export type KeySource = 'system' | 'url' | 'text';

/** The keys of one source. */
interface Keys {
  readonly keys: readonly InspectorKey[];
  readonly notes: readonly KeyNote[];
}

const NO_KEYS: Keys = { keys: [], notes: [] };

export interface ChosenKeys extends Keys {
  readonly source: KeySource;
  readonly setSource: (source: KeySource) => void;
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly url: string;
  readonly setUrl: (url: string) => void;
  readonly fetch: () => void;
  readonly isFetching: boolean;
  /** The token names another issuer, so the keys of this system are not tried. */
  readonly isForeign: boolean;
}

/** The keys that the user chose for the token. */
export function useKeys(token: DecodedToken, { system, refetchKeys }: KnownSystem): ChosenKeys {
  const [chosen, setSource] = useState<KeySource>();
  const [text, setEntered] = useState('');
  const pasted = usePastedKeys(text);
  const remote = useRemoteKeys();
  const source = chosen ?? (system ? 'system' : 'text');

  const issuer = token.claims?.['iss'];
  const isForeign = typeof issuer === 'string' && issuer !== system?.issuer;
  const kid = token.header['kid'];
  const isUnknown =
    source === 'system' && !isForeign && typeof kid === 'string' && !hasKey(system?.keys, kid);
  useEffect(() => {
    if (isUnknown) refetchKeys();
  }, [isUnknown, kid, refetchKeys]);

  const ofSystem = useMemo<Keys>(
    () => (system && !isForeign ? { keys: system.keys, notes: [] } : NO_KEYS),
    [system, isForeign],
  );
  const keys = { system: ofSystem, url: remote.keys, text: pasted }[source];
  // The system may be found while somebody is typing, whose choice it must not change.
  const setText = (entered: string) => {
    setEntered(entered);
    setSource('text');
  };
  const { url, setUrl, fetch, isFetching } = remote;
  return {
    ...keys,
    ...{ source, setSource, text, setText, url, setUrl, fetch, isFetching, isForeign },
  };
}

const hasKey = (keys: readonly InspectorKey[] | undefined, kid: string) =>
  keys === undefined || keys.some((key) => key.kid === kid);

function usePastedKeys(text: string): Keys {
  const [read, setRead] = useState<Keys>(NO_KEYS);
  useEffect(() => {
    let isCurrent = true;
    if (text.trim() === '') setRead(NO_KEYS);
    else
      readKeys(text).then((keys) => {
        if (isCurrent) setRead(keys);
      }, reportError);
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return read;
}

function useRemoteKeys() {
  const [url, setUrl] = useState('');
  const [keys, setKeys] = useState<Keys>(NO_KEYS);
  const [isFetching, setFetching] = useState(false);
  const fetch = () => {
    setFetching(true);
    fetchKeys(url)
      .then(setKeys, (error: unknown) =>
        setKeys({
          keys: [],
          notes: [
            {
              code: 'not_a_key',
              severity: 'error',
              message: error instanceof Error ? error.message : String(error),
            },
          ],
        }),
      )
      .finally(() => setFetching(false));
  };
  return { url, setUrl, keys, fetch, isFetching };
}

import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Panel } from '../../../shell/panel.js';
import { texts } from '../../../texts.js';
import { exampleClaims } from './examples.js';
import { ALGORITHMS, makeToken, type Algorithm, type MadeToken } from './make-token.js';

const { make: words } = texts;

/** Makes a token with claims of the user's own, and a fresh key. */
export function MakePanel(props: { onMade: (made: MadeToken) => void; onClose: () => void }) {
  return (
    <Panel
      title={words.title}
      aside={
        <Button variant="subtle" size="compact-sm" onClick={props.onClose}>
          {words.close}
        </Button>
      }
    >
      <p className="hint">{words.lead}</p>
      <MakeForm onMade={props.onMade} />
    </Panel>
  );
}

function MakeForm({ onMade }: { onMade: (made: MadeToken) => void }) {
  const [algorithm, setAlgorithm] = useState<Algorithm>('RS256');
  const [type, setType] = useState('at+jwt');
  const [claims, setClaims] = useState(() => JSON.stringify(exampleClaims(), null, 2));
  const { sign, failure, isMaking } = useSigning(onMade);
  return (
    <form
      className="make"
      onSubmit={(event) => {
        event.preventDefault();
        void sign(algorithm, type.trim(), claims);
      }}
    >
      <NativeSelect
        size="xs"
        label={words.algorithm}
        data={[...ALGORITHMS]}
        value={algorithm}
        onChange={(event) => setAlgorithm(event.currentTarget.value as Algorithm)}
      />
      <TextInput
        size="xs"
        label={words.type}
        value={type}
        onChange={(event) => setType(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      <Textarea
        className="make-claims"
        label={words.claims}
        value={claims}
        onChange={(event) => setClaims(event.currentTarget.value)}
        error={failure}
        rows={12}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: 'mono-input' }}
      />
      <Button type="submit" size="sm" loading={isMaking}>
        {words.sign}
      </Button>
    </form>
  );
}

function useSigning(onMade: (made: MadeToken) => void) {
  const [failure, setFailure] = useState<string>();
  const [isMaking, setMaking] = useState(false);
  const sign = async (algorithm: Algorithm, type: string, claims: string) => {
    const complaint = complaintAbout(claims);
    setFailure(complaint);
    if (complaint !== undefined) return;
    setMaking(true);
    try {
      onMade(await makeToken(algorithm, type, claims));
    } catch {
      // The claims are JSON and the names are known, so that only the browser's cryptography can have failed.
      setFailure(words.unsupported(algorithm));
    }
    setMaking(false);
  };
  return { sign, failure, isMaking };
}

function complaintAbout(claims: string): string | undefined {
  try {
    const value: unknown = JSON.parse(claims);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? undefined : words.notAnObject;
  } catch (error) {
    return words.notJson((error as Error).message);
  }
}

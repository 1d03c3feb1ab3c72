import type { DecodedToken, Judgement } from '@latchkey/inspector';
import { SegmentedControl, Textarea } from '@mantine/core';
import { Panel } from '../../../shell/panel.js';
import type { System } from '../../../system/system.js';
import { texts } from '../../../texts.js';
import { KeyAddress } from './key-address.js';
import { KeyList } from './key-list.js';
import type { ChosenKeys, KeySource } from './use-keys.js';

const { keys: words } = texts;

/** Chooses the keys that the signature is checked with. */
export function KeyPanel(props: {
  keys: ChosenKeys;
  system: System | undefined;
  token: DecodedToken;
  judgement: Judgement | undefined;
}) {
  const { keys, system, token, judgement } = props;
  const sources: KeySource[] = system ? ['system', 'text', 'url'] : ['text', 'url'];
  return (
    <Panel
      title={words.title}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={words.source}
          data={sources.map((value) => ({ value, label: words.sources[value] }))}
          value={keys.source}
          onChange={(value) => keys.setSource(value)}
        />
      }
    >
      {keys.source === 'system' && system && (
        <p className="hint">{keys.isForeign ? words.foreign : words.issuer(system.issuer)}</p>
      )}
      {keys.source === 'text' && (
        <Textarea
          label={words.pasteLabel}
          placeholder={words.pastePlaceholder}
          value={keys.text}
          onChange={(event) => keys.setText(event.currentTarget.value)}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          classNames={{ input: 'mono-input' }}
        />
      )}
      {keys.source === 'url' && <KeyAddress keys={keys} issuer={token.claims?.['iss']} />}
      <KeyList keys={keys} fitting={judgement?.key} />
    </Panel>
  );
}

import { Button, CopyButton } from '@mantine/core';
import { useState } from 'react';
import { Panel } from '../../shell/panel.js';
import { useSystem } from '../../system/use-system.js';
import { texts } from '../../texts.js';
import './decode.css';
import { EmptyState } from './empty-state.js';
import { Checklist } from './findings/checklist.js';
import { Findings } from './findings/findings.js';
import { Warnings } from './findings/warnings.js';
import { TokenInput } from './input/token-input.js';
import { ExpectedPanel } from './keys/expected-panel.js';
import { KeyPanel } from './keys/key-panel.js';
import { canMakeTokens, makeExample, type Example } from './make/examples.js';
import { MakePanel } from './make/make-panel.js';
import type { MadeToken } from './make/make-token.js';
import { useDecoder, type Decoder } from './use-decoder.js';
import { VerdictBanner } from './verdict/verdict.js';

const { decode, make } = texts;

/** Decodes and judges what is pasted. */
export function DecodePage() {
  const decoder = useDecoder(useSystem());
  const { inspection, system, keys, expected, judgement, revocation } = decoder;
  const { decoded, open, readText } = inspection;
  // As the rest is about that text: otherwise, the verdict on an empty one would flash up.
  const isEmpty = readText.trim() === '';
  return (
    <>
      <div className="page-head">
        <h1 className="page-title">{decode.title}</h1>
        <p className="page-lead">{decode.lead}</p>
      </div>
      <div className="decode">
        <div className="decode-column">
          <TokenPanel decoder={decoder} isEmpty={isEmpty} />
          <div className="decode-choices">
            <KeyPanel keys={keys} system={system} token={decoded} judgement={judgement} />
            <ExpectedPanel expected={expected} />
          </div>
          {!isEmpty && judgement && (
            <div className="decode-checks">
              <Checklist judgement={judgement} />
            </div>
          )}
        </div>
        <div className="decode-column">
          {isEmpty ? (
            <EmptyState onExample={(example) => void showExample(decoder, example)} />
          ) : (
            <>
              <div className="decode-verdict">
                <VerdictBanner token={decoded} judgement={judgement} revocation={revocation} />
                {judgement && <Warnings judgement={judgement} />}
              </div>
              <div className="decode-findings">
                <Findings token={decoded} judgement={judgement} onOpen={open} />
              </div>
            </>
          )}
        </div>
      </div>
    </>
  );
}

function TokenPanel({ decoder, isEmpty }: { decoder: Decoder; isEmpty: boolean }) {
  const { inspection } = decoder;
  const [isMaking, setMaking] = useState(false);
  if (isMaking)
    return (
      <MakePanel
        onMade={(made) => {
          showMade(decoder, made);
          setMaking(false);
        }}
        onClose={() => setMaking(false)}
      />
    );
  return (
    <Panel
      title={decode.input.label}
      className="decode-token"
      aside={
        <div className="row">
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={!canMakeTokens()}
            title={canMakeTokens() ? undefined : decode.empty.insecure}
            onClick={() => setMaking(true)}
          >
            {make.open}
          </Button>
          {!isEmpty && (
            <>
              <CopyButton value={inspection.decoded.text}>
                {({ copied, copy }) => (
                  <Button variant="subtle" size="compact-sm" onClick={copy}>
                    {copied ? decode.input.copied : decode.input.copy}
                  </Button>
                )}
              </CopyButton>
              <Button variant="subtle" size="compact-sm" onClick={() => inspection.setText('')}>
                {decode.input.clear}
              </Button>
            </>
          )}
        </div>
      }
    >
      <TokenInput inspection={inspection} />
    </Panel>
  );
}

function showMade({ inspection, keys }: Decoder, { token, keySet }: MadeToken): void {
  inspection.setText(token);
  keys.setText(keySet);
}

const showExample = async (decoder: Decoder, example: Example) =>
  showMade(decoder, await makeExample(example));

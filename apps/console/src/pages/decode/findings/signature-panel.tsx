import type { DecodedToken, Judgement } from '@latchkey/inspector';
import { Panel } from '../../../shell/panel.js';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';

const { findings, decode } = texts;
const SHOWN_BYTES = 64;

/** The bytes of the signature, and the key that it fits. */
export function SignaturePanel(props: { token: DecodedToken; judgement: Judgement | undefined }) {
  const signature = props.token.segments.find(({ name }) => name === 'signature');
  if (signature === undefined) return null;
  const { bytes } = signature;
  const key = props.judgement?.key;
  return (
    <Panel
      title={findings.signature}
      className="panel-signature"
      aside={<span className="hint">{decode.bytes(bytes.length)}</span>}
    >
      {bytes.length === 0 ? (
        <p className="hint">{findings.noSignature}</p>
      ) : (
        <p className="signature-bytes">{hexOf(bytes)}</p>
      )}
      {key && (
        <p>
          {findings.signedWith} <VisibleText text={key.description} />
          {key.kid !== undefined && (
            <>
              {' · kid '}
              <code>
                <VisibleText text={key.kid} />
              </code>
            </>
          )}
        </p>
      )}
    </Panel>
  );
}

function hexOf(bytes: Uint8Array): string {
  const hex = [...bytes.subarray(0, SHOWN_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'));
  return hex.join(' ') + (bytes.length > SHOWN_BYTES ? ' …' : '');
}

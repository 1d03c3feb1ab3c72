import {
  explainClaim,
  explainHeaderMember,
  type DecodedToken,
  type Judgement,
} from '@latchkey/inspector';
import { texts } from '../../../texts.js';
import { SegmentPanel } from './segment-panel.js';
import { SignaturePanel } from './signature-panel.js';

const { findings } = texts;

/** Everything that the token says, and everything that was checked. */
export function Findings(props: {
  token: DecodedToken;
  judgement: Judgement | undefined;
  onOpen: (token: string) => void;
}) {
  const { token, judgement, onOpen } = props;
  const { unprotected } = token;
  const header = token.segments.find(
    ({ name, raw }) => name === 'header' && !(unprotected && raw === ''),
  );
  const payload = token.segments.find(({ name }) => name === 'payload');
  return (
    <>
      {payload && (
        <SegmentPanel
          title={token.claims ? findings.claims : findings.payload}
          segment={payload}
          explain={explainClaim}
          onOpen={onOpen}
          nested={token.nested?.text}
        />
      )}
      {header && (
        <SegmentPanel
          title={findings.header}
          segment={header}
          explain={explainHeaderMember}
          onOpen={onOpen}
        />
      )}
      {unprotected && (
        <SegmentPanel
          title={findings.unprotected}
          segment={{ name: 'header', text: unprotected.text, json: unprotected }}
          explain={explainHeaderMember}
          onOpen={onOpen}
        />
      )}
      <SignaturePanel token={token} judgement={judgement} />
    </>
  );
}

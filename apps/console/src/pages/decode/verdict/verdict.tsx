import { describeKind, type DecodedToken, type Judgement, type Verdict } from '@latchkey/inspector';
import { CheckIcon, CrossIcon, DashIcon, LockIcon, QuestionIcon } from '../../../shell/icons.js';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';
import type { Revocation } from '../use-revocation.js';
import { RevocationLine } from './revocation-line.js';

const { decode } = texts;
const ICONS = {
  valid: CheckIcon,
  invalid: CrossIcon,
  unverified: QuestionIcon,
  encrypted: LockIcon,
  not_a_token: DashIcon,
} satisfies Record<Verdict, unknown>;

/** Whether the token is to be trusted, and why. */
export function VerdictBanner(props: {
  token: DecodedToken;
  judgement: Judgement | undefined;
  revocation: Revocation;
}) {
  const { token, judgement, revocation } = props;
  const kind = describeKind(token.kind);
  const verdict = verdictOf(judgement, revocation);
  const VerdictIcon = verdict === undefined ? DashIcon : ICONS[verdict];
  return (
    <section className={`verdict verdict-${verdict ?? 'pending'}`} data-verdict={verdict}>
      <div className="verdict-icon">
        <VerdictIcon />
      </div>
      <div className="verdict-text">
        {/* Announced when the verdict changes, not whenever a second of the summary does. */}
        <div role="status">
          <h2 className="verdict-word">
            {verdict === undefined ? decode.judging : decode.verdicts[verdict]}
          </h2>
        </div>
        <p className="verdict-summary">
          <VisibleText text={withoutWord(judgement?.summary ?? '')} />
        </p>
        {token.kind !== 'empty' && token.kind !== 'opaque' && (
          <p className="verdict-kind">
            <strong>{kind.name}.</strong> {kind.sentence}{' '}
            <span className="reference">{kind.reference}</span>
          </p>
        )}
      </div>
      <RevocationLine revocation={revocation} />
    </section>
  );
}

const verdictOf = (judgement: Judgement | undefined, revocation: Revocation) =>
  revocation.state === 'answered' && revocation.answer.revoked === true && judgement
    ? 'invalid'
    : judgement?.verdict;

/** The sentence begins with the verdict, which stands above it. */
const withoutWord = (summary: string) => {
  const rest = summary.replace(/^[A-Z][a-z ]+: /, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
};

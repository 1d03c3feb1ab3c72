import type { LiveVerifier } from '@latchkey/contracts/live';
import { live } from '../../../texts/live.js';
import { meaningOf, TONES, type ProbeAnswer } from '../outage/probe-view.js';
import type { Probe } from '../outage/use-probes.js';
import type { Leg } from '../travel/travel.js';

const texts = live.replica;

/** What a replica says to the user's token and cookie, and when it learned of the log-out. */
export function CredentialAnswers(props: {
  verifier: LiveVerifier | undefined;
  probe: Probe | undefined;
  /** Undefined unless a log-out was just made. */
  leg: Leg | undefined;
  isLoggedIn: boolean;
}) {
  const { verifier, probe, leg, isLoggedIn } = props;
  const turned = leg !== undefined && hasArrivedAt(leg);
  return (
    // The key makes the card turn once, when the log-out has arrived.
    <div className="live-answers" data-turned={turned} key={turned ? 'turned' : 'front'}>
      {leg ? (
        <>
          <AnswerLine what={texts.token} answer={answerIn(leg)} verifier={verifier} />
          <LegLine leg={leg} />
        </>
      ) : isLoggedIn ? (
        <ProbeLines probe={probe} verifier={verifier} />
      ) : (
        <p className="live-quiet">{texts.nobody}</p>
      )}
    </div>
  );
}

const hasArrivedAt = ({ sinceAnswer, refusedStatus }: Leg): boolean =>
  sinceAnswer !== undefined || refusedStatus !== undefined;

function ProbeLines(props: { probe: Probe | undefined; verifier: LiveVerifier | undefined }) {
  const { probe, verifier } = props;
  return (
    <>
      <AnswerLine what={texts.token} answer={probe?.token} verifier={verifier} />
      {probe?.cookie && (
        <AnswerLine what={texts.cookie} answer={probe.cookie} verifier={undefined} />
      )}
    </>
  );
}

const answerIn = ({ refusedStatus, otherAnswer }: Leg): ProbeAnswer | undefined =>
  refusedStatus === undefined ? otherAnswer : { status: refusedStatus, code: undefined };

function AnswerLine(props: {
  what: string;
  answer: ProbeAnswer | undefined;
  verifier: LiveVerifier | undefined;
}) {
  const { what, answer, verifier } = props;
  if (!answer)
    return (
      <p className="live-answer">
        <span>{what}</span> <span className="live-quiet">{texts.asking}</span>
      </p>
    );
  const meaning = meaningOf(answer, verifier);
  return (
    <p className="live-answer" data-tone={TONES[meaning]}>
      <span>{what}</span>{' '}
      <strong>
        {answer.status > 0 && <span className="live-number">{answer.status}</span>}{' '}
        {texts.meaning[meaning]}
      </strong>
    </p>
  );
}

function LegLine({ leg }: { leg: Leg }) {
  const { sinceAnswer, sinceClick, refusedSinceAnswer, refusedStatus } = leg;
  if (sinceAnswer === undefined)
    return (
      <p className="live-leg live-quiet">
        {refusedStatus === undefined ? texts.legs.waiting : texts.legs.unseen}
      </p>
    );
  return (
    <div className="live-leg">
      <p className="live-leg-time">{texts.legs.knew(sinceAnswer)}</p>
      <p className="live-quiet">{sinceClick !== undefined && texts.legs.sinceClick(sinceClick)}</p>
      <p className="live-quiet">
        {refusedSinceAnswer !== undefined && refusedStatus !== undefined
          ? texts.legs.refused(refusedStatus, refusedSinceAnswer)
          : texts.legs.asking}
      </p>
    </div>
  );
}

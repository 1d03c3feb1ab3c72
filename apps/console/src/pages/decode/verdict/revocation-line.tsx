import { localClock } from '../../../time/relative-time.js';
import { useNow } from '../../../time/use-now.js';
import { texts } from '../../../texts.js';
import type { StatusAnswer } from '../../../system/system.js';
import type { Revocation } from '../use-revocation.js';

const { revocation: words } = texts;

interface Sentence {
  readonly tone: 'good' | 'bad' | 'unknown';
  readonly word?: string;
  readonly text: string;
}

/** The line that no other decoder has: whether the token is revoked, as this system's record says. */
export function RevocationLine({ revocation }: { revocation: Revocation }) {
  const now = useNow();
  const sentence = sentenceOf(revocation, now);
  if (sentence === undefined) return null;
  const { tone, word, text } = sentence;
  return (
    <p className={`revocation revocation-${tone}`} data-revocation={revocation.state}>
      <span className="revocation-label">{words.label}</span>{' '}
      {word !== undefined && <strong className="revocation-word">{word}</strong>}
      {word !== undefined && words.separator}
      {text}
    </p>
  );
}

function sentenceOf(revocation: Revocation, now: number): Sentence | undefined {
  switch (revocation.state) {
    case 'no_token':
      return undefined;
    case 'foreign':
      return unknown(words.foreign);
    case 'unproven':
      return unknown(words.unproven);
    case 'without_ids':
      return unknown(words.without_ids);
    case 'asking':
      return { tone: 'unknown', text: words.asking };
    case 'failed':
      return unknown(words.failed(revocation.message));
    case 'answered':
      return ofAnswer(revocation.answer, now);
  }
}

const unknown = (text: string): Sentence => ({ tone: 'unknown', word: words.unknown, text });

function ofAnswer(answer: StatusAnswer, now: number): Sentence {
  if (answer.revoked === null)
    return unknown(answer.reason === 'token_expired' ? words.token_expired : words.not_recorded);
  const verifiers = 'verifiers' in answer ? answer.verifiers : undefined;
  if (answer.revoked) {
    const time = localClock(Date.parse(answer.at), now) ?? answer.at;
    const told = verifiers && words.verifiers(verifiers.applied, verifiers.known);
    const text = words.at(words.because(answer.reason), time);
    return { tone: 'bad', word: words.yes, text: told ? `${text}; ${told}` : text };
  }
  const age = Math.max(0, Date.now() - Date.parse(answer.asOf)) / 1000;
  const asOf = words.asOf(words.secondsAgo(age < 10 ? age.toFixed(1) : age.toFixed(0)));
  return {
    tone: 'good',
    word: words.no,
    text: verifiers ? `${asOf}; ${upToDate(verifiers)}` : asOf,
  };
}

const upToDate = ({ applied, known }: { applied: number; known: number }) =>
  applied === known ? words.allVerifiers(known) : words.someVerifiers(applied, known);

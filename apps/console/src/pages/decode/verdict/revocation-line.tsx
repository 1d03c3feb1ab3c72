import { localClock } from '../../../time/relative-time.js';
import { useNow } from '../../../time/use-now.js';
import { texts } from '../../../texts.js';
import type { StatusAnswer, VerifierCounts } from '../../../system/system.js';
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
    case 'unreadable':
    case 'nameless':
    case 'unproven':
    case 'without_ids':
      return unknown(words[revocation.state]);
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
  const { verifiers } = answer;
  if (answer.revoked) {
    const time = localClock(Date.parse(answer.at), now) ?? answer.at;
    const told = verifiers && appliedBy(verifiers);
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

function appliedBy({ applied, known }: VerifierCounts): string {
  return known === 0 ? words.noVerifiers : words.verifiers(applied, known);
}

function upToDate({ applied, known }: VerifierCounts): string {
  if (known === 0) return words.noVerifiers;
  return applied === known ? words.allVerifiers(known) : words.someVerifiers(applied, known);
}

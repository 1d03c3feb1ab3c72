import type { ProbeAnswer } from '../outage/probe-view.js';
import type { Sighting } from '../replicas/replica.js';

/** What revoked the token. */
export type Trigger = 'log_out' | 'log_out_everywhere' | 'disabled';

/** The first response with which a replica rejected the old token. */
export interface Refusal {
  readonly status: number;
  /** When it arrived, by `performance.now()`. */
  readonly at: number;
}

/** Auth's answer to the request that revoked the token. */
export interface RevocationAnswer {
  readonly status: number;
  /** When it arrived, by `performance.now()`. */
  readonly at: number;
  /** `Revocation-Position`; undefined while the revocation is not published. */
  readonly position: number | undefined;
}

/** A log-out, from the click until every replica has rejected the old token. Times are by `performance.now()`. */
export interface Travel {
  readonly number: number;
  readonly trigger: Trigger;
  readonly username: string;
  readonly clickedAt: number;
  readonly replicas: readonly string[];
  readonly answer?: RevocationAnswer;
  /** Everything that was revoked since the click, by anybody: the answer says which one it was. */
  readonly sightings: readonly Sighting[];
  readonly refusals: Readonly<Record<string, Refusal>>;
  /** The last answer with which a replica did something else than reject the token. */
  readonly otherAnswers: Readonly<Record<string, ProbeAnswer>>;
  /** The replicas that have not rejected it had the time to, or cannot know of it yet. */
  readonly isLate?: boolean;
}

/** When a log-out reached one replica, in milliseconds; undefined for what has not happened or was not seen. */
export interface Leg {
  readonly replica: string;
  /** From the click until the replica said that it had applied the revocation. */
  readonly sinceClick: number | undefined;
  /** The same from auth's answer. Negative if the replica was faster. */
  readonly sinceAnswer: number | undefined;
  /** From auth's answer until the replica rejected the old token. */
  readonly refusedSinceAnswer: number | undefined;
  readonly refusedStatus: number | undefined;
  /** The answer of a replica that is late to reject the token. */
  readonly otherAnswer: ProbeAnswer | undefined;
}

/** The leg of a log-out to each replica, in their order. */
export function legsOf(travel: Travel): Leg[] {
  const { answer, clickedAt, refusals, replicas } = travel;
  return replicas.map((replica) => {
    const seen = sightingOf(travel, replica);
    const refusal = refusals[replica];
    return {
      replica,
      sinceClick: difference(seen?.at, clickedAt),
      sinceAnswer: difference(seen?.at, answer?.at),
      refusedSinceAnswer: difference(refusal?.at, answer?.at),
      refusedStatus: refusal?.status,
      otherAnswer: otherAnswerOf(travel, replica),
    };
  });
}

/** When a replica said that it had applied the revocation of the answer. */
function sightingOf({ answer, sightings }: Travel, replica: string): Sighting | undefined {
  const position = answer?.position;
  if (position === undefined) return undefined;
  return sightings.find((each) => each.replica === replica && each.position === position);
}

const otherAnswerOf = ({ isLate, refusals, otherAnswers }: Travel, replica: string) =>
  isLate && !refusals[replica] ? otherAnswers[replica] : undefined;

const difference = (later: number | undefined, earlier: number | undefined) =>
  later === undefined || earlier === undefined ? undefined : later - earlier;

/** How long auth took to answer; undefined before. */
export const answerTime = ({ answer, clickedAt }: Travel): number | undefined =>
  difference(answer?.at, clickedAt);

/** Whether every replica has rejected the old token. */
export const hasArrived = ({ replicas, refusals, answer }: Travel): boolean =>
  answer !== undefined && replicas.every((replica) => refusals[replica] !== undefined);

/** The log-outs to show, of which the oldest are forgotten. */
export const KEPT_TRAVELS = 100;

/** Adds a log-out, or replaces it by its newer state. */
export function withTravel(travels: readonly Travel[], travel: Travel): readonly Travel[] {
  const isKnown = travels.some(({ number }) => number === travel.number);
  return isKnown
    ? travels.map((each) => (each.number === travel.number ? travel : each))
    : [...travels, travel].slice(-KEPT_TRAVELS);
}

/** The syntax of `Revocation-Position`. Every match is a safe integer. */
const POSITION = /^\d{1,15}$/;

/** The position in the headers of auth's answer. */
export function positionIn(headers: Headers): number | undefined {
  const text = headers.get('revocation-position') ?? '';
  return POSITION.test(text) ? Number(text) : undefined;
}

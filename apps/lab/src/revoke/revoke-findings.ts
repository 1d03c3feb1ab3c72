import { quoted } from '../architectures/architecture-words.js';
import { counted, listed, milliseconds, number } from '../pages/quantity.js';
import type { RevokedArchitecture, RevokePoint, RevokeReport } from './revoke-report.js';

interface Found {
  readonly label: string;
  readonly id: string;
  readonly point: RevokePoint;
}

/** Every client of every round. */
const clientsOf = ({ clients, rounds }: RevokePoint) => clients * rounds;

/** What a run found on log-outs. */
export function revokeFindings({ architectures, watchedMilliseconds }: RevokeReport): string[] {
  const found = architectures.flatMap((one) => mostClients(one) ?? []);
  if (found.length === 0) return ['Nothing was measured in this run.'];
  const refusing = found.filter(({ point }) => point.neverRefused < clientsOf(point));
  return [
    ...refusing.map(refusal),
    ...found.flatMap((one) => never(one, watchedMilliseconds)),
    ...exposure(refusing),
    ...growth(architectures),
  ];
}

/** Its largest number of clients that was measured at all. */
function mostClients({ id, label, points }: RevokedArchitecture): Found[] | undefined {
  const [point] = [...points]
    .filter(({ rounds }) => rounds > 0)
    .sort((one, other) => other.clients - one.clients);
  return point && [{ id, label, point }];
}

function refusal({ label, point }: Found): string {
  const { sinceSent, sinceAnswered, clients } = point;
  if (!sinceSent) return `${quoted(label)}: no refusal was seen.`;
  const { p50, p99, max } = sinceSent;
  const times =
    `With ${quoted(label)} and ${counted(clients, 'client')}, a client is refused ${milliseconds(p50)} after the ` +
    `log-out was sent (p50), 99 of 100 within ${milliseconds(p99)}, the last one within ${milliseconds(max)}.`;
  if (!sinceAnswered) return times;
  return `${times} ${afterAnswer(sinceAnswered.p50, sinceAnswered.max)}`;
}

function afterAnswer(p50: number, last: number): string {
  if (last <= 0) return 'All were refused before the log-out’s answer had come.';
  const latest = `the last one was refused ${milliseconds(last)} after the log-out’s answer`;
  return p50 <= 0
    ? `At least half were refused before the log-out’s answer had come; ${latest}.`
    : `Of all, ${latest}.`;
}

function never({ id, label, point }: Found, watchedMilliseconds: number): string[] {
  const { neverRefused } = point;
  if (neverRefused === 0) return [];
  const all = clientsOf(point);
  const watched = milliseconds(watchedMilliseconds);
  const who =
    neverRefused >= all
      ? `none of its ${counted(all, 'client')} was refused`
      : `${number(neverRefused)} of ${counted(all, 'client')} were never refused`;
  const why =
    id === 'passport-jwt' ? ': it knows no log-out, and a token works until it expires' : '';
  return [`With ${quoted(label)}, ${who} within the ${watched} that were watched${why}.`];
}

/** What counts for safety: calls that began after the user was told that the log-out was done. */
function exposure(found: readonly Found[]): string[] {
  const samples = found.filter(({ point }) => point.exposure.samples > 0);
  const none = samples.filter(({ point }) => point.exposure.max <= 0);
  const some = samples.filter(({ point }) => point.exposure.max > 0);
  return [
    ...(none.length === 0
      ? []
      : [
          `No call that began after the log-out’s answer was accepted with ${listed(none.map(({ label }) => quoted(label)))}.`,
        ]),
    ...(some.length === 0
      ? []
      : [
          `The last call that was still accepted began after the log-out’s answer with ${listed(
            some.map(
              ({ label, point }) =>
                `${quoted(label)} (${milliseconds(point.exposure.max)} after it at most)`,
            ),
          )}.`,
        ]),
  ];
}

/** Whether it takes longer when more clients call. */
function growth(architectures: readonly RevokedArchitecture[]): string[] {
  return architectures.flatMap(({ label, points }) => {
    const known = points.flatMap(({ clients, sinceSent }) =>
      sinceSent ? [{ clients, p99: sinceSent.p99 }] : [],
    );
    const sorted = [...known].sort((one, other) => one.clients - other.clients);
    const [few, many] = [sorted[0], sorted.at(-1)];
    if (!few || !many || few === many) return [];
    return [
      `From ${counted(few.clients, 'client')} to ${number(many.clients)}, p99 with ${quoted(label)} goes from ${milliseconds(few.p99)} to ${milliseconds(many.p99)}.`,
    ];
  });
}

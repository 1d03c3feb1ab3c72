import type { Distribution } from '../report-schema.js';
import { quoted } from '../architectures/architecture-words.js';
import { counted, listed, milliseconds, number } from '../pages/quantity.js';
import type { Statement } from '../pages/section.js';
import type { RevokedArchitecture, RevokePoint, RevokeReport } from './revoke-report.js';

/** An architecture with its largest number of clients. */
interface Found {
  readonly id: string;
  readonly label: string;
  readonly point: RevokePoint;
}

/** The number of clients of all rounds. */
const clientsOf = ({ clients, rounds }: RevokePoint) => clients * rounds;
const refusesSome = ({ point }: Found) => point.neverRefused < clientsOf(point);

/** The findings of a run. */
export function revokeFindings({ architectures, watchedMilliseconds }: RevokeReport): Statement[] {
  const found = architectures.flatMap(withMostClients);
  if (found.length === 0) return [{ sentence: 'Nothing was measured in this run.' }];
  const refusing = found.filter(refusesSome);
  return [
    lastRefusals(found, watchedMilliseconds),
    ...(refusing.length === 0 ? [] : [refusals(refusing, architectures)]),
    ...exposure(refusing),
    ...found.flatMap((one) => never(one, watchedMilliseconds)),
  ];
}

function withMostClients({ id, label, points }: RevokedArchitecture): Found[] {
  const [point] = [...points]
    .filter(({ rounds }) => rounds > 0)
    .sort((one, other) => other.clients - one.clients);
  return point ? [{ id, label, point }] : [];
}

function lastRefusals(found: readonly Found[], watched: number): Statement {
  const sizes = new Set(found.map(({ point }) => point.clients));
  const [size] = sizes;
  const parts = found.map((one) => {
    const clients = sizes.size > 1 ? ` (${counted(one.point.clients, 'client')})` : '';
    return `${lastOf(one, watched)} with ${quoted(one.label)}${clients}`;
  });
  const of =
    sizes.size > 1 || size === undefined
      ? 'all clients with one credential'
      : size === 1
        ? 'all log-outs of one client'
        : `${number(size)} clients with one credential`;
  return { sentence: `The last refusal of ${of}, after its log-out was sent: ${listed(parts)}.` };
}

function lastOf({ point: { sinceSent, neverRefused } }: Found, watched: number): string {
  return sinceSent && neverRefused === 0
    ? milliseconds(sinceSent.max)
    : `not all within ${milliseconds(watched)}`;
}

function refusals(
  refusing: readonly Found[],
  architectures: readonly RevokedArchitecture[],
): Statement {
  return {
    sentence: 'Time until clients are refused, from when the log-out was sent:',
    items: refusing.map(({ id, label, point }) => ({
      name: label,
      text: [refusal(point), ...withFewClients(architectures.find((one) => one.id === id))].join(
        ' ',
      ),
    })),
  };
}

function refusal({ clients, sinceSent, sinceAnswered }: RevokePoint): string {
  if (!sinceSent) return 'no refusal was seen.';
  const { p50, p99, max } = sinceSent;
  const answered = sinceAnswered ? ` (${afterAnswer(sinceAnswered)})` : '';
  return `of ${counted(clients, 'client')}, half within ${milliseconds(p50)}, 99 of 100 within ${milliseconds(p99)}, the last one within ${milliseconds(max)}${answered}.`;
}

function afterAnswer({ p50, max }: Distribution): string {
  if (max <= 0) return 'all of them before the response to the log-out';
  const last = `the last one ${milliseconds(max)} after the response to the log-out`;
  return p50 <= 0 ? `at least half of them before the response to the log-out, ${last}` : last;
}

/** Shows whether it takes longer with more clients. */
function withFewClients(architecture: RevokedArchitecture | undefined): string[] {
  const known = (architecture?.points ?? [])
    .flatMap(({ clients, sinceSent }) => (sinceSent ? [{ clients, p99: sinceSent.p99 }] : []))
    .sort((one, other) => one.clients - other.clients);
  const [few, many] = [known[0], known.at(-1)];
  if (!few || !many || few === many) return [];
  return [`With ${counted(few.clients, 'client')}, 99 of 100 within ${milliseconds(few.p99)}.`];
}

/** Calls that began after the response to the log-out, which matter for security. */
function exposure(refusing: readonly Found[]): Statement[] {
  const samples = refusing.filter(({ point }) => point.exposure.samples > 0);
  const none = samples
    .filter(({ point }) => point.exposure.max <= 0)
    .map(({ label }) => quoted(label));
  const some = samples
    .filter(({ point }) => point.exposure.max > 0)
    .map(
      ({ label, point }) => `${milliseconds(point.exposure.max)} after it with ${quoted(label)}`,
    );
  return [
    ...(none.length === 0
      ? []
      : [
          `No call that began after the response to the log-out was accepted with ${listed(none)}.`,
        ]),
    ...(some.length === 0
      ? []
      : [`The last accepted call after the response to the log-out began ${listed(some)}.`]),
  ].map((sentence) => ({ sentence }));
}

function never({ id, label, point }: Found, watched: number): Statement[] {
  const { neverRefused } = point;
  if (neverRefused === 0) return [];
  const all = counted(clientsOf(point), 'client');
  const who =
    neverRefused >= clientsOf(point)
      ? `none of ${all} was refused`
      : `${number(neverRefused)} of ${all} were never refused`;
  const why =
    id === 'passport-jwt'
      ? ': it does not support log-out, and a token is valid until it expires'
      : '';
  return [
    {
      sentence: `With ${quoted(label)}, ${who} within the ${milliseconds(watched)} that were watched${why}.`,
    },
  ];
}

import {
  MAX_SNAPSHOT_CHUNK_BYTES,
  SNAPSHOT_ENTRY,
  SNAPSHOT_KINDS,
  type RevocationKind,
} from '@latchkey/contracts';
import type { EntityManager } from 'typeorm';

/** Table pages per chunk, enough for about 3,000 sessions. */
const PAGES_PER_CHUNK = 64;

/** Number of revocations by kind. */
export type Counts = Record<RevocationKind, number>;

/** All live revocations in the snapshot format. */
export interface Chunks {
  readonly chunks: readonly Buffer[];
  /** Counts of live revocations in the record, including those in `leftOut`. */
  readonly entries: Counts;
  /** Ids of rows that no entry can hold, for example with an empty name. The auth service never writes these. */
  readonly leftOut: readonly string[];
}

const NAMES = {
  session: 'session_id',
  token: 'token_id',
  subject: 'subject',
  client: 'client_id',
  key: 'key_id',
} as const satisfies Record<RevocationKind, string>;

const { nameLengthLimit, latestExpiry, kindsWithBefore } = SNAPSHOT_ENTRY;
const quoted = (kind: RevocationKind) => `'${kind}'`;
const places = SNAPSHOT_KINDS.map((kind, place) => `WHEN ${quoted(kind)} THEN ${place}`).join(' ');
const names = SNAPSHOT_KINDS.map((kind) => `WHEN ${quoted(kind)} THEN ${NAMES[kind]}`).join(' ');
const counts = SNAPSHOT_KINDS.map(
  (kind, place) => `(count(*) FILTER (WHERE place = ${place}))::int AS ${kind}`,
).join(', ');

/**
 * Postgres encodes the entries, because a million rows as objects would take a gigabyte here. The query uses
 * arithmetic, because `<<`, `|` and `||` have the same precedence in Postgres. `OFFSET 0` keeps Postgres from
 * computing a name again for each use.
 */
const CHUNK = `
  SELECT count(*)::int AS rows, ${counts}, string_agg(entry, ''::bytea) AS bytes,
         coalesce(array_agg(id) FILTER (WHERE entry IS NULL), '{}') AS "leftOut"
  FROM (
    SELECT id, place,
           CASE WHEN octet_length(name) BETWEEN 1 AND ${nameLengthLimit - 1} AND before IS NOT NULL
                THEN int8send((place * ${nameLengthLimit} + octet_length(name)) * ${latestExpiry + 1} + until)
                     || before || name END AS entry
    FROM (
      SELECT id, (CASE kind ${places} END)::bigint AS place,
             convert_to(CASE kind ${names} END, 'UTF8') AS name,
             least(expires_at, ${latestExpiry}) AS until,
             CASE WHEN kind NOT IN (${kindsWithBefore.map(quoted).join(', ')}) THEN ''::bytea
                  WHEN issued_before >= 0 THEN int8send(issued_before) END AS before
      FROM revocations
      WHERE ctid >= $1::tid AND ctid < $2::tid
        AND expires_at > $3
      OFFSET 0
    ) AS live
    OFFSET 0
  ) AS written`;

const UNKNOWN_KIND =
  'The record has a kind of revocation that this release does not know, because a newer release has written ' +
  'it. Upgrade this replica.';

type Found = Counts & { rows: number; bytes: Buffer | null; leftOut: string[] };

/**
 * Reads all live revocations that the transaction can see. All of them are in the pages that the table has
 * at the start of the transaction, so the pages can be read one range at a time.
 *
 * @param nowMilliseconds leaves out revocations that have expired by then
 * @throws if the record has a kind that this release does not know, because the snapshot would be incomplete
 */
export async function readChunks(
  manager: EntityManager,
  pages: number,
  nowMilliseconds: number,
): Promise<Chunks> {
  const now = Math.floor(nowMilliseconds / 1000);
  const chunks: Buffer[] = [];
  const leftOut: string[] = [];
  const entries: Counts = { session: 0, token: 0, subject: 0, client: 0, key: 0 };
  for (let page = 0; page < pages; page += PAGES_PER_CHUNK) {
    for (const found of await readPages(manager, now, { first: page, count: PAGES_PER_CHUNK })) {
      let known = 0;
      for (const kind of SNAPSHOT_KINDS) {
        entries[kind] += found[kind];
        known += found[kind];
      }
      if (known !== found.rows) throw new Error(UNKNOWN_KIND);
      if (found.bytes) chunks.push(found.bytes);
      leftOut.push(...found.leftOut);
    }
  }
  return { entries, chunks, leftOut };
}

/** Halves a range whose chunk is too large: Postgres compresses very long names, so a page can hold many. */
async function readPages(
  manager: EntityManager,
  now: number,
  { first, count }: { first: number; count: number },
): Promise<Found[]> {
  const range = [`(${first},0)`, `(${first + count},0)`, now];
  const [found] = await manager.query<[Found]>(CHUNK, range);
  const size = found.bytes?.length ?? 0;
  if (size <= MAX_SNAPSHOT_CHUNK_BYTES || count === 1) return [found];
  const half = count / 2;
  return [
    ...(await readPages(manager, now, { first, count: half })),
    ...(await readPages(manager, now, { first: first + half, count: half })),
  ];
}

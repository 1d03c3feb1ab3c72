import {
  describeKind,
  explainClaim,
  explainHeaderMember,
  instantOf,
  type Check,
  type CheckState,
  type DecodedToken,
  type Explanation,
  type Fault,
  type Judgement,
} from '@latchkey/inspector';
import { sentenceOf, type NoAnswer } from './no-answer.js';
import type { AskedRevocation } from './revocation.js';

/** All that was found out about a token. */
export interface Inspection {
  readonly token: DecodedToken;
  readonly judgement: Judgement;
  readonly asked: AskedRevocation;
}

type Members = Readonly<Record<string, unknown>>;

/** What `--json` prints. A shared secret is not among it. */
export function documentOf({ token, judgement, asked }: Inspection): object {
  const { kind, form, header, claims, faults, sizes } = token;
  const { verdict, summary, checks, warnings, key } = judgement;
  return {
    ...{ verdict, summary, kind, form, header },
    ...(claims && { claims }),
    ...(token.nested && { nested: decodedDocument(token.nested) }),
    ...{ sizes, faults, checks, warnings },
    ...(key && { key: { description: key.description, ...(key.kid && { kid: key.kid }) } }),
    revocation: 'answer' in asked ? asked.answer : unanswered(asked),
  };
}

/** Like auth's own answer that it cannot know, so that scripts read one member only. */
const unanswered = (none: NoAnswer) => ({
  revoked: null,
  reason: none.unknown,
  message: sentenceOf(none),
});

function decodedDocument({ kind, header, claims, faults, nested }: DecodedToken): object {
  return {
    ...{ kind, header, faults },
    ...(claims && { claims }),
    ...(nested && { nested: decodedDocument(nested) }),
  };
}

/** What is printed for people. */
export function linesOf({ token, judgement, asked }: Inspection): string[] {
  const { name, sentence, reference } = describeKind(token.kind);
  return [
    judgement.summary,
    `Revoked: ${revokedLine(judgement, asked)}`,
    `${name} (${reference}). ${sentence}`,
    ...section('Header', memberLines(token.header, explainHeaderMember)),
    ...section('Claims', memberLines(token.claims ?? {}, explainClaim)),
    ...section('Faults', token.faults.map(faultLine)),
    ...section('Checks', judgement.checks.map(checkLine)),
    ...section(
      'Warnings',
      judgement.warnings.map(({ message }) => `  ${message}`),
    ),
  ];
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

function revokedLine({ checks }: Judgement, asked: AskedRevocation): string {
  if ('unknown' in asked) return `cannot be known: ${sentenceOf(asked)}`;
  const { answer } = asked;
  const what = checks.find(({ rule }) => rule === 'revocation')?.what ?? '';
  if (answer.revoked === null) return `cannot be known: ${what}`;
  return answer.revoked ? `yes: ${what}` : `no: ${what}`;
}

function memberLines(
  members: Members,
  explain: (name: string) => Explanation | undefined,
): string[] {
  const names = Object.keys(members);
  const width = Math.min(20, Math.max(0, ...names.map((name) => name.length)));
  return names.map((name) => {
    const value = members[name];
    const isTime = explain(name)?.isTime === true && typeof value === 'number';
    const text = JSON.stringify(value) ?? 'unfinished';
    return `  ${name.padEnd(width)}  ${text}${isTime ? ` (${instantOf(value)})` : ''}`;
  });
}

function faultLine({ segment, offset, json, message }: Fault): string {
  const place = segment === undefined ? '' : `${segment.replaceAll('_', ' ')}, `;
  const inJson = json ? `, line ${json.line} column ${json.column} of the JSON` : '';
  return `  ${place}character ${offset + 1}${inJson}: ${message}`;
}

const MARKS: Readonly<Record<CheckState, string>> = {
  passed: 'passed      ',
  failed: 'FAILED      ',
  not_checked: 'not checked ',
};

const checkLine = ({ state, title, what }: Check): string => `  ${MARKS[state]} ${title}: ${what}`;

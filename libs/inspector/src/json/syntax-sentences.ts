import { quoted } from './json-suspects.js';

/** The sentences for the parser's error codes (`ParseErrorCode` of jsonc-parser). */
const SENTENCES = new Map<number, (found: string) => string>([
  [1, (found) => `${found} is neither a value nor punctuation of JSON.`],
  [2, (found) => `${found} is not a number as JSON writes it.`],
  [3, (found) => `A member name in double quotes is expected, but ${found} follows.`],
  [4, (found) => `A value is expected, but ${found} follows.`],
  [5, (found) => `A colon is expected after the member name, but ${found} follows.`],
  [6, (found) => `A comma is expected, but ${found} follows.`],
  [7, (found) => `A closing brace } is expected, but ${found} follows.`],
  [8, (found) => `A closing bracket ] is expected, but ${found} follows.`],
  [9, (found) => `The JSON text is complete, but ${found} follows.`],
  [10, () => 'JSON has no comments.'],
  [11, () => 'A comment is not closed, and JSON has no comments.'],
  [12, () => 'The string that begins here is not closed.'],
  [13, () => 'The number that begins here is not complete.'],
  [14, () => 'A \\u escape needs four hexadecimal digits.'],
  [15, () => 'This string contains an escape that JSON does not have.'],
  [16, () => 'This string contains a control character, which JSON allows only as an escape.'],
]);

/** Says what is wrong with the syntax at a place. */
export function sentenceOf(error: number, found: string, atEnd: boolean): string {
  const sentence = SENTENCES.get(error);
  return sentence
    ? sentence(atEnd || found === '' ? 'the end of the text' : quoted(found))
    : 'This is not JSON.';
}

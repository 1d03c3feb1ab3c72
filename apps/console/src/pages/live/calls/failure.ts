import { live } from '../../../texts/live.js';
import { textIn, type Answer } from './call.js';

/** Says why a request was not successful: the title and the detail of its problem document (RFC 9457). */
export function failureOf(answer: Pick<Answer, 'status' | 'body'>, what: string): string {
  const { unreachable, refused } = live.failure;
  if (answer.status === 0) return unreachable(what);
  const title = textIn(answer, 'title') ?? textIn(answer, 'error_description');
  const detail = textIn(answer, 'detail');
  const reason = [title, detail].filter((text) => text !== undefined).join(': ');
  return refused(what, answer.status, reason);
}

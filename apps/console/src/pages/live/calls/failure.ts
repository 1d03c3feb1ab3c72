import { live } from '../../../texts/live.js';
import { textIn, type Answer } from './call.js';

/** What was asked for. */
export interface Asked {
  /** The name of the server. Default: auth. */
  readonly server?: string;
  /** Whether it changes nothing, so that nothing is in doubt if the response is lost. */
  readonly isHarmless?: boolean;
}

/** Says why a request was not successful: the title and the detail of its problem document (RFC 9457). */
export function failureOf(
  answer: Pick<Answer, 'status' | 'body'>,
  what: string,
  { server = 'auth', isHarmless = false }: Asked = {},
): string {
  const { unreachable, unknownEffect, refused } = live.failure;
  if (answer.status === 0)
    return unreachable(what, server) + (isHarmless ? '' : ` ${unknownEffect}`);
  const title = textIn(answer, 'title') ?? textIn(answer, 'error_description');
  const detail = textIn(answer, 'detail');
  const reason = [title, detail].filter((text) => text !== undefined).join(': ');
  return refused(what, answer.status, reason);
}

import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ControlProblem } from './control-answer.js';

/** An access token is the longest that is sent. */
const MAX_BYTES = 8_192;
const JSON_TYPE = /^application\/json *(?:;|$)/i;

/** @throws ControlProblem 400 if a request that needs no body has one */
export function refuseBody({ headers }: IncomingMessage): void {
  if (Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined)
    throw new ControlProblem(400, 'unexpected_body', 'Send no body');
}

/** Reads a body of this schema. @throws ControlProblem */
export async function readBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  if (!JSON_TYPE.test(request.headers['content-type'] ?? ''))
    throw new ControlProblem(415, 'unsupported_media_type', 'Send application/json');
  const parsed = schema.safeParse(parsedJson(await textOf(request)));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new ControlProblem(400, 'invalid_input', issues.join('; ').trim());
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  // What is too much is read and forgotten: a client that is still sending would not see the answer.
  for await (const chunk of request) if (text.length <= MAX_BYTES) text += chunk as string;
  if (text.length > MAX_BYTES)
    throw new ControlProblem(413, 'payload_too_large', `Send at most ${MAX_BYTES} bytes`);
  return text;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ControlProblem(400, 'invalid_json', 'The body is not JSON');
  }
}

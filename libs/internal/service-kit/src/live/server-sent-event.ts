/** One event of a `text/event-stream` (HTML, "Server-sent events"). */
export interface ServerSentEvent {
  readonly type: string;
  /** A reader sends it back in `Last-Event-ID`. */
  readonly id?: string;
  readonly data: unknown;
}

/** Makes a reader reconnect after this time. */
export const retryField = (milliseconds: number) => `retry: ${milliseconds}\n\n`;

/** The text of an event. JSON has no line breaks, so the data is always one line. */
export function formatEvent({ type, id, data }: ServerSentEvent): string {
  return `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

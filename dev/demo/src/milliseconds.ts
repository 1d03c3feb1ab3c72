import type { Answer } from '@latchkey/local-stack';

/** Rounds to tenths. */
export const round = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** From sending the request to the end of the answer. */
export const durationOf = ({ sentAt, answeredAt }: Answer) => answeredAt - sentAt;

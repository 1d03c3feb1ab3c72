import type { Target } from './attacks-fixture.js';

export type Half = 'header' | 'claims';
export const HALVES: readonly Half[] = ['header', 'claims'];

const textOf = (target: Target, half: Half) => JSON.stringify(target[half]);

/** Makes a validly signed token with exactly this text as its header or claims. */
export const withText = (
  target: Target,
  half: Half,
  change: (text: string) => string | Uint8Array,
) => target.sign({ [half]: change(textOf(target, half)) });

/** Adds members before all others, or after them. */
export const prepend = (text: string, member: string) => `{${member},${text.slice(1)}`;
export const append = (text: string, member: string) => `${text.slice(0, -1)},${member}}`;

export const nest = (open: string, close: string, depth: number) =>
  `"x":${open.repeat(depth)}1${close.repeat(depth)}`;

/** Pads the claims until the token is at least `size` characters long. */
export const fillTo = (target: Target, size: number) => (text: string) =>
  append(text, `"x":"${'x'.repeat(Math.ceil(((size - target.good.length) * 3) / 4))}"`);

import type { ArchitectureId } from '../architectures/architecture.js';

/** How an architecture is drawn, the same in every chart. */
export interface Look {
  readonly color: string;
  /** An SVG path for the marker, in a 10 × 10 square. */
  readonly marker: string;
  /** Lengths of dashes and gaps in pixels; empty for a solid line. */
  readonly dash: readonly number[];
}

const MARKERS = {
  circle: 'M5 0A5 5 0 1 1 5 10A5 5 0 1 1 5 0Z',
  square: 'M0.5 0.5H9.5V9.5H0.5Z',
  diamond: 'M5 -0.7L10.7 5L5 10.7L-0.7 5Z',
  up: 'M5 0L10.4 9.6H-0.4Z',
  down: 'M-0.4 0.4H10.4L5 10Z',
  plus: 'M3.4 0H6.6V3.4H10V6.6H6.6V10H3.4V6.6H0V3.4H3.4Z',
  bar: 'M0 3.2H10V6.8H0Z',
} as const;

const SOLID: readonly number[] = [];

/** Okabe and Ito's palette, which is safe for all kinds of colour vision. Markers and dashes differ as well. */
const LOOKS: Readonly<Record<ArchitectureId, Look>> = {
  unprotected: { color: '#6b6b6b', marker: MARKERS.bar, dash: [2, 3] },
  'jwt-new': { color: '#56b4e9', marker: MARKERS.up, dash: [9, 4] },
  jwt: { color: '#0072b2', marker: MARKERS.circle, dash: SOLID },
  'passport-jwt': { color: '#b5558a', marker: MARKERS.down, dash: [9, 3, 2, 3] },
  'session-redis': { color: '#d55e00', marker: MARKERS.square, dash: SOLID },
  'session-postgres': { color: '#e69f00', marker: MARKERS.diamond, dash: [9, 4] },
  introspection: { color: '#009e73', marker: MARKERS.plus, dash: [9, 3, 2, 3] },
};

const UNKNOWN: Look = { color: '#444444', marker: MARKERS.circle, dash: SOLID };

/** @param id of an architecture, with or without a policy: `jwt-refuse` looks like `jwt` */
export function lookOf(id: string): Look {
  const known = Object.entries(LOOKS)
    .sort(([one], [other]) => other.length - one.length)
    .find(([name]) => id === name || id.startsWith(`${name}-`));
  return known?.[1] ?? UNKNOWN;
}

/** The shapes of the marks in one row, in order. */
export const MARK_SHAPES = [MARKERS.circle, MARKERS.diamond, MARKERS.down] as const;

/** Colours for the parts of an architecture's processor time or bytes; no architecture uses them. */
export const PART_COLORS = { service: '#39506b', database: '#b4bcc6', shared: '#a3344f' } as const;

/** From light to dark, so that they also differ in black and white. */
export const OUTCOME_COLORS = {
  accepted: '#b9d8c8',
  unavailable: '#e3b505',
  failed: '#7d1128',
} as const;

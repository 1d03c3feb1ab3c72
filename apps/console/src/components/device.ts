import { parse } from 'bowser';
import { auth } from '../texts/auth.js';

/** A client may send anything as its name; more of it than this tells nobody more. */
const SHOWN_CHARACTERS = 200;

export interface Device {
  /** Such as “Firefox 140 on Windows”, or the first word of a program’s name. */
  readonly name: string;
  /** What it called itself, shortened. */
  readonly userAgent: string | undefined;
}

export function deviceOf(userAgent: string | null): Device {
  if (userAgent === null || userAgent.trim() === '')
    return { name: auth.device.unknown, userAgent: undefined };
  const shown = shortened(userAgent, SHOWN_CHARACTERS);
  const { browser, os } = parse(shown);
  if (!browser.name || !os.name) return { name: shortened(userAgent, 60), userAgent: undefined };
  const [version = ''] = browser.version?.split('.') ?? [];
  return { name: auth.device.on(`${browser.name} ${version}`.trim(), os.name), userAgent: shown };
}

/** The beginning of a text, which does not cut a surrogate pair in two. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`;
}

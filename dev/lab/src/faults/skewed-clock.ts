/**
 * Preloaded into a service: `--import=<this module>?<path>`. Its wall clock is then wrong by as many
 * milliseconds as that file says, which may change at any time; the monotonic clock stays right, as
 * it does on a machine whose clock is set.
 */
import { readFileSync } from 'node:fs';

const POLL_MILLISECONDS = 20;

const file = decodeURIComponent(new URL(import.meta.url).search.slice(1));
const rightNow = Date.now.bind(Date);
let skew = readSkew(0);
setInterval(() => {
  skew = readSkew(skew);
}, POLL_MILLISECONDS).unref();

/** A file that is being written reads as empty: the clock stays as it was until it is whole. */
function readSkew(before: number): number {
  const text = readFileSync(file, 'utf8');
  return text === '' ? before : Number(text);
}

globalThis.Date = new Proxy(Date, {
  construct: (target, given: unknown[], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
  get: (target, property, receiver) =>
    property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown),
});

function now(): number {
  return rightNow() + skew;
}

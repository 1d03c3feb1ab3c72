/**
 * Preloaded into a service: `--import=<this module>?<path>`. The file contains the error of the wall clock
 * in milliseconds, and may change at any time. The monotonic clock stays correct, as on a machine whose
 * clock is set.
 */
import { readFileSync } from 'node:fs';

const POLL_MILLISECONDS = 20;

const file = decodeURIComponent(new URL(import.meta.url).search.slice(1));
const realNow = Date.now.bind(Date);
let skew = readSkew(0);
setInterval(() => {
  skew = readSkew(skew);
}, POLL_MILLISECONDS).unref();

/** Keeps the previous value while the file is being written and reads as empty. */
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
  return realNow() + skew;
}

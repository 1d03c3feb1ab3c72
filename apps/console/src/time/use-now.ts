import { useSyncExternalStore } from 'react';

const EVERY_MILLISECONDS = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

const tick = () => {
  now = Date.now();
  for (const listener of listeners) listener();
};

/** One timer serves all components. It stops while nobody looks, and is right again as soon as somebody does. */
function follow() {
  clearInterval(timer);
  timer = undefined;
  if (listeners.size === 0 || document.hidden) return;
  tick();
  timer = setInterval(tick, EVERY_MILLISECONDS);
}
document.addEventListener('visibilitychange', follow);

function subscribe(listener: () => void) {
  listeners.add(listener);
  if (timer === undefined) follow();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) follow();
  };
}

/** The time in milliseconds since 1970, which advances each second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

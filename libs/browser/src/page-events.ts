/** What a page does when its browser shows, hides or wakes it. */
export interface PageEventHandlers {
  /** The page was frozen or in the back/forward cache, and may have missed messages of other tabs. */
  readonly woken: () => void;
  /** The user looks at the page, or the network is back. Timers may have been throttled until now. */
  readonly seen: () => void;
  /** The page is left. It can enter the back/forward cache only without an open channel. */
  readonly left: () => void;
}

/** Calls the handlers until the signal is aborted. */
export function onPageEvents({ woken, seen, left }: PageEventHandlers, signal: AbortSignal): void {
  const options = { signal };
  const show = ({ persisted }: PageTransitionEvent) => persisted && woken();
  addEventListener('pageshow', show, options);
  addEventListener('pagehide', left, options);
  addEventListener('online', seen, options);
  document.addEventListener('visibilitychange', () => document.hidden || seen(), options);
  document.addEventListener('resume', woken, options);
}

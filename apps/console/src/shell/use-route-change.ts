import { useEffect, useRef, type RefObject } from 'react';
import { useLocation } from 'wouter';
import { PAGES } from '../pages/pages.js';
import { texts } from '../texts.js';

/**
 * Names the page in the title, and moves the focus to its content, as a browser does when it loads a new document.
 *
 * @returns the path
 */
export function useRouteChange(main: RefObject<HTMLElement | null>): string {
  const [path] = useLocation();
  const shown = useRef(path);
  useEffect(() => {
    const page = PAGES.find(({ link }) => path === link || path.startsWith(`${link}/`));
    document.title = texts.shell.title(page?.title ?? texts.shell.notFound.title);
    // `/` leads on to the first page, which is not a change that somebody made.
    if (shown.current !== path && shown.current !== '/') {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    shown.current = path;
  }, [path, main]);
  return path;
}

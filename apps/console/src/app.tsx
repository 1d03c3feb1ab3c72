import { Suspense, useRef } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { PAGES } from './pages/pages.js';
import { ErrorBoundary } from './shell/error-boundary.js';
import { Header } from './shell/header.js';
import { Loading } from './shell/loading.js';
import { NotFound } from './shell/not-found.js';
import { SkipLink } from './shell/skip-link.js';
import { useHashPath } from './shell/use-hash-path.js';
import { useRouteChange } from './shell/use-route-change.js';

/** The frame around the pages, whose addresses are in the hash: the files work on any static server. */
export function App() {
  return (
    <Router hook={useHashPath}>
      <Frame />
    </Router>
  );
}

function Frame() {
  const main = useRef<HTMLElement>(null);
  const path = useRouteChange(main);
  return (
    <>
      <SkipLink target={main} />
      <Header />
      <main ref={main} tabIndex={-1} className="frame-main">
        {/* The key lets a page that failed be left for another one. */}
        <ErrorBoundary key={path}>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/">
                <Redirect to="/decode" replace />
              </Route>
              {PAGES.map(({ path: pattern, Page }) => (
                <Route key={pattern} path={pattern} component={Page} />
              ))}
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
    </>
  );
}

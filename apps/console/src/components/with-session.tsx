import { useEffect, useRef, type ReactNode } from 'react';
import { auth } from '../texts/auth.js';
import { usePlace } from '../auth/use-place.js';
import { useSession } from '../auth/use-session.js';
import { LogInPanel } from './log-in-panel.js';
import './components.css';

/** Shows its children to somebody who is logged in, and to others how to log in, or why they cannot. */
export function WithSession({ children }: { children: (userId: string) => ReactNode }) {
  const { state, isFailing } = useSession();
  const place = usePlace(`${state.status} ${isFailing}`);
  useFocusAfter(state.status);
  if (place.at === 'nowhere') return <Sentence {...auth.nowhere} />;
  if (place.at === 'elsewhere') return <Elsewhere issuer={place.issuer} />;
  if (state.status === 'logged-in') return children(state.userId);
  if (state.status === 'logged-out') return <LogInPanel />;
  return isFailing ? <Sentence {...auth.waiting} /> : <p className="hint">{auth.list.loading}</p>;
}

/** A log-in or log-out removes the button that did it; the keyboard goes on at the content. */
function useFocusAfter(status: string): void {
  const before = useRef(status);
  useEffect(() => {
    const isLost = document.activeElement === document.body;
    if (before.current !== status && before.current !== 'starting' && isLost)
      document.querySelector('main')?.focus({ preventScroll: true });
    before.current = status;
  }, [status]);
}

function Sentence({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children?: ReactNode;
}) {
  return (
    <section className="panel sentence" role="status">
      <h2 className="panel-title">{title}</h2>
      <p>{text}</p>
      {children}
    </section>
  );
}

function Elsewhere({ issuer }: { issuer: string }) {
  const { title, text, open } = auth.elsewhere;
  return (
    <Sentence title={title} text={text(issuer)}>
      <a href={`${issuer.replace(/\/$/, '')}/console/${location.hash}`}>{open}</a>
    </Sentence>
  );
}

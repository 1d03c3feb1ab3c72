import { useEffect, useState } from 'react';
import { texts } from '../texts.js';

/** Most pages load sooner, and a text that only flashes up would be noise. */
const PATIENCE_MILLISECONDS = 800;

/** In place of a page whose code has not arrived yet. */
export function Loading() {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <section className="notice" role="status">
      {isLate && <p>{texts.shell.loading}</p>}
    </section>
  );
}

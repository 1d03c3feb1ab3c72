import { Link } from 'wouter';
import { texts } from '../texts.js';

export function NotFound() {
  const { title, text, back } = texts.shell.notFound;
  return (
    <section className="notice">
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <Link to="/decode">{back}</Link>
      </p>
    </section>
  );
}

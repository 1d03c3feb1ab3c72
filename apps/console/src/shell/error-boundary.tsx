import { Component, type ReactNode } from 'react';
import { texts } from '../texts.js';

/** Shows what failed in place of its children, so that a page is never blank. Needs no other component. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error === undefined ? this.props.children : <Failure error={error} />;
  }
}

function Failure({ error }: { error: unknown }) {
  const { title, text, reload } = texts.shell.failure;
  return (
    <section className="notice" role="alert">
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          {reload}
        </button>
      </p>
      <pre>{error instanceof Error ? `${error.name}: ${error.message}` : String(error)}</pre>
    </section>
  );
}

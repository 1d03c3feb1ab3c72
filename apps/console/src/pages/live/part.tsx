import { useId, type ReactNode } from 'react';

/** A part of the page with a heading. */
export function Part(props: {
  readonly title: string;
  readonly className?: string;
  /** At the end of the line of the heading. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`live-part ${props.className ?? ''}`} aria-labelledby={id}>
      <div className="live-part-head">
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

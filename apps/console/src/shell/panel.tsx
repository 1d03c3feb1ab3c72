import { useId, type ReactNode } from 'react';

/** A part of a page with a title. */
export function Panel(props: {
  title: string;
  children: ReactNode;
  /** Next to the title. */
  aside?: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <section className={`panel ${props.className ?? ''}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id} className="panel-title">
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

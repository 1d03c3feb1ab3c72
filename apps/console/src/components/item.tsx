import type { ReactNode } from 'react';
import { VisibleText } from '../text/visible-text.js';

/** Rows that wrap into cards where the screen is narrow. */
export function Items({ children, label }: { children: ReactNode; label: string }) {
  return (
    <ul className="items" aria-label={label}>
      {children}
    </ul>
  );
}

export function Item(props: {
  title: ReactNode;
  /** Next to the title: states and roles. */
  tags?: ReactNode;
  /** Below it, in small letters. */
  facts?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <li className="item">
      <div className="item-text">
        <div className="item-title">
          <span className="item-name">{props.title}</span>
          {props.tags}
        </div>
        {props.facts !== undefined && <div className="item-facts">{props.facts}</div>}
      </div>
      {props.actions !== undefined && <div className="item-actions">{props.actions}</div>}
    </li>
  );
}

/** A list of names, each in a frame of its own. */
export function Tags(props: { texts: readonly string[]; none: string; tone?: Tone }) {
  if (props.texts.length === 0) return props.none;
  return props.texts.map((text) => (
    <Tag key={text} {...(props.tone && { tone: props.tone })}>
      <VisibleText text={text} />
    </Tag>
  ));
}

/** A named value. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span className="fact">
      <span className="fact-name">{name}</span> {children}
    </span>
  );
}

export type Tone = 'plain' | 'good' | 'bad' | 'caution' | 'accent';

export const Tag = ({ children, tone = 'plain' }: { children: ReactNode; tone?: Tone }) => (
  <span className={`label label-${tone}`}>{children}</span>
);

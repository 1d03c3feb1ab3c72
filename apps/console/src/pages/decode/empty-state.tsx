import { Button } from '@mantine/core';
import { texts } from '../../texts.js';
import { canMakeTokens, EXAMPLES, type Example } from './make/examples.js';

const { empty, examples } = texts.decode;

/** What the page is for, while there is no token. */
export function EmptyState({ onExample }: { onExample: (example: Example) => void }) {
  return (
    <section className="empty">
      <h2>{empty.title}</h2>
      <dl className="empty-points">
        {empty.points.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">{canMakeTokens() ? empty.examples : empty.insecure}</p>
      <div className="row">
        {EXAMPLES.map((example) => (
          <Button
            key={example}
            variant="default"
            size="xs"
            disabled={!canMakeTokens()}
            onClick={() => onExample(example)}
          >
            {examples[example]}
          </Button>
        ))}
      </div>
    </section>
  );
}

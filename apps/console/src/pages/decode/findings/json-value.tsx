import type { JsonNode } from '@latchkey/inspector';
import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { VisibleText } from '../../../text/visible-text.js';
import { texts } from '../../../texts.js';

const { findings } = texts;
const FIRST_ITEMS = 60;
const MORE_ITEMS = 300;
/** Short lists of names, such as audiences, need no folding. */
const INLINE_ITEMS = 12;
/** Deeper values are folded until somebody opens them, so that a hundred levels cost nothing. */
const OPEN_LEVELS = 2;
const TOKEN = /^[\w-]{8,}\.[\w-]+\.[\w-]*(?:\.[\w-]*\.[\w-]*)?$/;

interface JsonValueProps {
  readonly node: JsonNode;
  readonly onOpen: (token: string) => void;
  readonly level?: number;
}

/** A JSON value. A token in it can be opened. */
export function JsonValue({ node, onOpen, level = 0 }: JsonValueProps) {
  switch (node.type) {
    case 'object':
    case 'array':
      return <Composite node={node} onOpen={onOpen} level={level} />;
    case 'string':
      return (
        <span className="json-string">
          <VisibleText text={node.value} />
          {isToken(node.value) && (
            <Button variant="light" size="compact-xs" onClick={() => onOpen(node.value)}>
              {findings.openNested}
            </Button>
          )}
        </span>
      );
    case 'number':
      return (
        <span className="json-literal">
          <VisibleText text={node.source} />
        </span>
      );
    case 'boolean':
    case 'null':
      return <span className="json-literal">{String(node.value)}</span>;
  }
}

/** The header of a token is JSON, whose first two characters are `{"`. */
const isToken = (text: string) => text.startsWith('eyJ') && TOKEN.test(text.slice(0, 10_000));

function Composite({ node, onOpen, level = 0 }: JsonValueProps) {
  const size = sizeOf(node);
  if (size === 0)
    return <span className="json-literal">{node.type === 'array' ? '[ ]' : '{ }'}</span>;
  const isShortList =
    node.type === 'array' && size <= INLINE_ITEMS && node.items.every((item) => isScalar(item));
  if (!isShortList) return <Folded node={node} onOpen={onOpen} level={level} />;
  return (
    <ul className="json-inline">
      {node.items.map((item) => (
        <li key={item.start}>
          <JsonValue node={item} onOpen={onOpen} level={level} />
        </li>
      ))}
    </ul>
  );
}

function Folded({ node, onOpen, level = 0 }: JsonValueProps) {
  const size = sizeOf(node);
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS && size <= FIRST_ITEMS);
  return (
    <details
      className="json-composite"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{node.type === 'array' ? findings.array(size) : findings.object(size)}</summary>
      {isOpen && <Content node={node} onOpen={onOpen} level={level + 1} />}
    </details>
  );
}

const isScalar = ({ type }: JsonNode) => type !== 'object' && type !== 'array';

function sizeOf(node: JsonNode): number {
  if (node.type === 'object') return node.members.length;
  return node.type === 'array' ? node.items.length : 0;
}

function Content({ node, onOpen, level = 0 }: JsonValueProps) {
  const [shown, setShown] = useState(FIRST_ITEMS);
  const hidden = sizeOf(node) - shown;
  return (
    <>
      {node.type === 'object' && (
        <ul className="json-items">
          {node.members.slice(0, shown).map(({ name, nameStart, value }) => (
            <Item key={nameStart} name={<VisibleText text={name} />}>
              {value && <JsonValue node={value} onOpen={onOpen} level={level} />}
            </Item>
          ))}
        </ul>
      )}
      {node.type === 'array' && (
        <ul className="json-items">
          {node.items.slice(0, shown).map((item) => (
            <Item key={item.start}>
              <JsonValue node={item} onOpen={onOpen} level={level} />
            </Item>
          ))}
        </ul>
      )}
      {hidden > 0 && (
        <Button
          variant="light"
          size="compact-xs"
          onClick={() => setShown((count) => count + MORE_ITEMS)}
        >
          {findings.moreMembers(hidden)}
        </Button>
      )}
    </>
  );
}

function Item({ name, children }: { name?: ReactNode; children: ReactNode }) {
  return (
    <li>
      {name !== undefined && <span className="json-name">{name}: </span>}
      {children}
    </li>
  );
}

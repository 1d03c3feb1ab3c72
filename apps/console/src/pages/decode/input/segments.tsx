import type { DecodedToken } from '@latchkey/inspector';
import { texts } from '../../../texts.js';

const { segments, bytes } = texts.decode;

/** The legend of the colours, with the sizes. */
export function Segments({ token }: { token: DecodedToken }) {
  if (token.segments.length === 0 || token.kind === 'opaque') return null;
  return (
    <ul className="segments">
      {token.segments.map(({ name, bytes: content }, index) => (
        <li key={index} className={`segment-label segment-label-${name}`}>
          <span className={`segment segment-${name}`}>{segments[name]}</span>{' '}
          <span className="segment-size">{bytes(content.length)}</span>
        </li>
      ))}
      <li className="segment-total">{bytes(token.sizes.token)}</li>
    </ul>
  );
}

/** Names and their values. */
export function Figures({ figures }: { figures: readonly (readonly [string, number | string])[] }) {
  return (
    <dl className="live-figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="live-number">
            {typeof value === 'number' ? value.toLocaleString('en') : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

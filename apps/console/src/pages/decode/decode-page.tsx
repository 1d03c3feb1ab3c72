export function DecodePage() {
  return <h1>Decode</h1>;
}

import { call, type ServiceProcess } from '@latchkey/local-stack';

/** The value of a series such as `name{label="value"}`; 0 if the service does not report it yet. */
export async function metricOf(
  { url }: Pick<ServiceProcess, 'url'>,
  series: string,
): Promise<number> {
  const { body } = await call(`${url}/metrics`);
  const line = String(body)
    .split('\n')
    .find((each) => each.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

import { CONTROL_KEY_HEADER, type StackReport } from '@latchkey/contracts/live';
import { call, type Answer, type CallOptions, type ControlServer } from '@latchkey/local-stack';

/** Asks a control server, with its key. */
export class ControlClient {
  constructor(private readonly server: ControlServer) {}

  send(path: string, options: CallOptions = {}): Promise<Answer> {
    return call(this.server.url + path, {
      ...options,
      headers: { [CONTROL_KEY_HEADER]: this.server.key, ...options.headers },
    });
  }

  async report(): Promise<StackReport> {
    return (await this.send('/stack')).body as StackReport;
  }

  break(part: string, seconds?: number): Promise<Answer> {
    return this.send('/stack/faults', {
      json: { part, ...(seconds !== undefined && { seconds }) },
    });
  }

  heal(part: string): Promise<Answer> {
    return this.send(`/stack/faults/${part}`, { method: 'DELETE' });
  }
}

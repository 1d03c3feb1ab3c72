import { LIVE_SUBJECTS, REVOCATION_STREAM, storedSubject } from '@latchkey/contracts';
import { waitFor, type LatchkeyStack } from '@latchkey/local-stack';
import { connect, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { connect as openSocket } from 'node:net';

export interface StoredEvent {
  readonly subject: string;
  readonly event: string;
}

/**
 * An adversary who has the auth service's NATS password or controls the broker. It may write whatever
 * the auth service may write, but has none of its signing keys.
 */
export class NatsInsider {
  /** The events that were republished since the start. */
  readonly heard: StoredEvent[] = [];

  private constructor(
    private readonly stack: LatchkeyStack,
    private readonly writer: NatsConnection,
    private readonly listener: NatsConnection,
  ) {}

  static async begin(stack: LatchkeyStack): Promise<NatsInsider> {
    const [writer, listener] = await Promise.all([
      connect(stack.natsCredentials('auth')),
      connect(stack.natsCredentials('orders')),
    ]);
    const insider = new NatsInsider(stack, writer, listener);
    listener.subscribe(LIVE_SUBJECTS, {
      callback: (error, message) => {
        if (error) throw error;
        const subject = storedSubject(message.subject);
        insider.heard.push({ subject, event: message.string() });
      },
    });
    await listener.flush();
    return insider;
  }

  /** Publishes to the stream. @returns the reply of JetStream */
  async store(subject: string, data: string | Uint8Array, headers?: MsgHdrs): Promise<object> {
    const reply = await this.writer.request(subject, data, {
      timeout: 2_000,
      ...(headers && { headers }),
    });
    return reply.json<object>();
  }

  /** The last message under a subject in the stream. */
  async stored(subject: string): Promise<string> {
    const question = JSON.stringify({ last_by_subj: subject });
    const reply = await this.writer.request(`$JS.API.DIRECT.GET.${REVOCATION_STREAM}`, question);
    return reply.string();
  }

  /** Waits for the first event with a matching subject after the first `count` events. */
  async eventAfter(count: number, subject: RegExp): Promise<StoredEvent> {
    return waitFor(() => this.heard.slice(count).find((each) => subject.test(each.subject)), {
      what: 'a republished event',
    });
  }

  /** Publishes over a raw socket, because the client library checks sizes. @returns the server's output */
  async storeTooMuch(subject: string, bytes: number): Promise<string> {
    const { user, pass } = this.stack.natsCredentials('auth');
    const socket = openSocket({ host: '127.0.0.1', port: this.stack.nats.port });
    let said = '';
    socket.on('data', (data) => (said += data.toString('latin1')));
    socket.on('error', () => undefined); // the server closes the connection
    socket.write(`CONNECT ${JSON.stringify({ user, pass, verbose: false })}\r\n`);
    socket.write(`PUB ${subject} ${bytes}\r\n${'a'.repeat(bytes)}\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    return said;
  }

  async close(): Promise<void> {
    await Promise.all([this.writer.close(), this.listener.close()]);
  }
}

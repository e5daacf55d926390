import type { FailedV2, InitV2, LifecycleActionV2, ReadyV2, SettingsV2, ShutdownV2 } from '@toru/contracts';
import { asString, field } from '../json';
import { ProtocolError } from '../protocol-error';
import { RequestError } from './connection-errors';
import type { ConnectionClosedError } from './connection-errors';
import { callHandler } from './handler-calls';
import { decodeFailedV2, decodeInitV2, decodeReadyV2, decodeSettingsV2, decodeShutdownV2 } from './lifecycle-v2';
import { requireSender } from './message-v2';
import type { MessageV2 } from './message-v2';
import type { PeerLink } from './peer-link';
import type { PeerHandlers } from './peer-options';
import type { StreamTable } from './stream-table';

/** How the other side greeted: `init` at the plugin, `ready` or `failed` at the host. */
export type Greeting =
  | { readonly action: 'init'; readonly init: InitV2 }
  | { readonly action: 'ready'; readonly ready: ReadyV2 }
  | { readonly action: 'failed'; readonly failed: FailedV2 };

/** How far a connection is, from its first message to `ready`, and the lifecycle messages of both sides (§3). */
export class PeerLifecycle {
  /** The first word of the other side. Rejects with `ConnectionClosedError`. */
  readonly greeting: Promise<Greeting>;

  #phase: 'new' | 'initialised' | 'ready' = 'new';
  #resolveGreeting!: (greeting: Greeting) => void;
  #rejectGreeting!: (error: ConnectionClosedError) => void;

  constructor(
    private readonly role: 'host' | 'plugin',
    private readonly link: PeerLink,
    private readonly streams: StreamTable,
    private readonly handlers: PeerHandlers,
  ) {
    this.greeting = new Promise((resolve, reject) => {
      this.#resolveGreeting = resolve;
      this.#rejectGreeting = reject;
    });
    this.greeting.catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#phase === 'ready';
  }

  sendInit(init: InitV2): void {
    this.#takeInit(init);
    this.#send('init', init);
  }

  sendReady(ready: ReadyV2): void {
    this.#send('ready', ready);
    this.#becomeReady();
  }

  sendFailed(failed: FailedV2): void {
    this.#send('failed', failed);
  }

  sendShutdown(shutdown: ShutdownV2): void {
    this.#send('shutdown', shutdown);
  }

  sendSettings(settings: SettingsV2): void {
    this.#send('settings', settings);
  }

  /** Handles `lifecycle`. Throws `ProtocolError`. */
  receive(message: MessageV2): void {
    const { payload } = message;
    switch (asString(message.envelope, 'action') ?? '') {
      case 'init': {
        requireSender('host', this.role, message);
        this.#onlyIn('new');
        const init = decodeInitV2(payload);
        this.#takeInit(init);
        this.#resolveGreeting({ action: 'init', init });
        break;
      }
      case 'ready': {
        requireSender('plugin', this.role, message);
        this.#onlyIn('initialised');
        const ready = decodeReadyV2(payload);
        this.#becomeReady();
        this.#resolveGreeting({ action: 'ready', ready });
        break;
      }
      case 'failed':
        requireSender('plugin', this.role, message);
        this.#onlyIn('initialised');
        this.#resolveGreeting({ action: 'failed', failed: decodeFailedV2(payload) });
        break;
      case 'shutdown':
        requireSender('host', this.role, message);
        callHandler(this.handlers, 'shutdown', decodeShutdownV2(payload));
        break;
      case 'settings':
        requireSender('host', this.role, message);
        callHandler(this.handlers, 'settings', decodeSettingsV2(payload));
        break;
      default:
      // Actions of versions to come.
    }
  }

  /** The first message of a host, but for a ping, is `init`. Throws `ProtocolError`. */
  requireGreeting(message: MessageV2): void {
    if (this.#phase !== 'new' || this.role === 'host') return;
    // The envelope of a familiar message is parsed when it is read: not before this point.
    const { type } = message;
    if (type === 'ping' || (type === 'lifecycle' && field(message.envelope, 'action') === 'init')) return;
    throw new ProtocolError('unexpected_message', 'The first message of the host must be init');
  }

  /** Before anything of our own is sent. Throws the connection's error, or `RequestError` `not_ready`. */
  requireInitialised(): void {
    this.link.requireOpen();
    if (this.#phase === 'new') throw new RequestError('not_ready', 'A request before init');
  }

  /** Why no HTTP request may be sent: the connection's error, or `RequestError` `not_ready`; undefined where it may. */
  get refusal(): Error | undefined {
    if (this.link.error) return this.link.error;
    return this.#phase === 'ready' ? undefined : new RequestError('not_ready', 'A request before ready');
  }

  fail(error: ConnectionClosedError): void {
    this.#rejectGreeting(error);
  }

  #takeInit({ limits }: InitV2): void {
    this.#phase = 'initialised';
    this.link.limitTo(limits.max_frame);
    this.streams.limitTo(limits);
  }

  #becomeReady(): void {
    this.#phase = 'ready';
    this.link.acceptTails();
  }

  #send(action: LifecycleActionV2, payload: object): void {
    this.link.requireOpen();
    this.link.sendJson({ type: 'lifecycle', action, timestamp: new Date().toISOString(), payload });
  }

  #onlyIn(phase: 'new' | 'initialised'): void {
    if (this.#phase !== phase) throw new ProtocolError('unexpected_message', 'A word of the handshake out of turn');
  }
}

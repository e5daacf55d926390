import type { PluginState } from '@toru/contracts';
import type { RuntimeStatus, ValidEntry } from '../plugins';
import type { PluginChannel } from '../protocol';
import type { PluginActor } from './plugin-actor';
import type { PluginTarget } from './plugin-target';
import type { Quarantine } from './quarantine';
import type { RequestsInFlight } from './requests-in-flight';

/** What serves a plugin's requests, as it is whenever something of it is read. The same object for the plugin's life. */
export interface Serving {
  readonly state: PluginState;
  /** The version that serves, or is to. */
  readonly entry: ValidEntry;
  readonly status: RuntimeStatus;
  /** Undefined while it is not running. */
  readonly channel: PluginChannel | undefined;
  /** Where its process's requests are entered; undefined while it is not running. */
  readonly requests: RequestsInFlight | undefined;
  /** What is kept from it; undefined while nothing is. */
  readonly quarantine: Quarantine | undefined;
}

/** Read with every request: nothing is made that is not asked for. */
export class ServingPlugin implements Serving {
  constructor(
    private readonly actor: PluginActor,
    private readonly target: PluginTarget,
    private readonly statusOf: () => RuntimeStatus,
  ) {}

  get state(): PluginState {
    const { state } = this.actor;
    return state === 'disabled' ? this.status.state : state;
  }

  get entry(): ValidEntry {
    return this.actor.servingEntry ?? this.target.entry;
  }

  get status(): RuntimeStatus {
    return this.statusOf();
  }

  get channel(): PluginChannel | undefined {
    return this.actor.channel;
  }

  get requests(): RequestsInFlight | undefined {
    return this.actor.requests;
  }

  get quarantine(): Quarantine | undefined {
    return this.actor.quarantine;
  }
}

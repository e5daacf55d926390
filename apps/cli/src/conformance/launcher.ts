import { randomUUID } from 'node:crypto';
import type { JsonObject, ProtocolVersion } from '@toru/contracts';
import { asString, decodeReadyV2, MAX_METADATA_BYTES, ProtocolError } from '@toru/protocol';
import { CheckFailure, fail } from './check-error';
import type { ConformanceOptions } from './options';
import { connectWhenAccepting, launch, type RunningPlugin } from './process/launch';
import { runOnce, type RunResult } from './process/run-once';
import { Sandbox } from './process/sandbox';
import { HostV1 } from './wire/host-v1';
import { HostV2, type HostV2Options } from './wire/host-v2';
import { within } from './wire/within';

export type Greeting = Awaited<HostV2['greeting']>;

/** Starts processes of the plugin as the host does, and begins to speak with them. */
export class Launcher {
  readonly instanceId: string;
  pluginId = 'unknown';
  /** Which version is spoken; undefined where nobody knows. */
  protocol: ProtocolVersion | undefined;
  readonly #sandbox = new Sandbox();

  constructor(
    readonly options: ConformanceOptions,
    /** What every connection of this run has. */
    readonly wire: HostV2Options,
  ) {
    this.instanceId = options.instanceId ?? randomUUID();
  }

  /** A call of `--metadata`; from `/`, as the host does it. */
  callMetadata(): Promise<RunResult> {
    const { executable: file, args, env } = this.options;
    const marker = this.#sandbox.newMarker();
    const limits = { timeoutMs: this.options.metadataTimeoutMs, maxBytes: MAX_METADATA_BYTES };
    return runOnce({ file, args: [...args, '--metadata'], cwd: '/', env, marker }, limits);
  }

  /** One more process; whoever asks for it ends it. An empty licence key is none. */
  launch(licenseKey = this.options.licenseKey): Promise<RunningPlugin> {
    const { executable: file, args, env, readyTimeoutMs } = this.options;
    const place = this.#sandbox.newPlace();
    const variables = {
      TORU_PLUGIN_SOCKET: place.socketPath,
      TORU_PLUGIN_ID: this.pluginId,
      TORU_INSTANCE_ID: this.instanceId,
      TORU_LOG_PATH: place.logPath,
      ...(licenseKey !== undefined && licenseKey !== '' && { TORU_LICENSE_KEY: licenseKey }),
      ...env,
    };
    return launch({ file, args, env: variables, place, readyTimeoutMs, probe: this.protocol !== 2 });
  }

  v1Of({ place }: RunningPlugin, timeoutMs = this.options.timeoutMs): HostV1 {
    return new HostV1({ ...this.wire, socketPath: place.socketPath, timeoutMs });
  }

  /** Version 2: connects, sends `init` and waits for `ready`. */
  async becomeReady(plugin: RunningPlugin, init: JsonObject = {}): Promise<HostV2> {
    const host = await this.greet(plugin, init);
    try {
      const message = await this.greetingOf(host);
      const action = asString(message.envelope, 'action');
      if (action === 'failed') {
        const code = asString(message.payload, 'code') ?? '';
        fail(`it answered init with failed: ${code} ${asString(message.payload, 'message') ?? ''}`);
      }
      decodeReadyV2(message.payload);
      return host;
    } catch (error) {
      host.destroy();
      throw error instanceof ProtocolError ? new CheckFailure(error.message, { cause: error }) : error;
    }
  }

  /** Version 2: connects and sends `init`. */
  async greet(plugin: RunningPlugin, init: JsonObject = {}): Promise<HostV2> {
    const { place } = plugin;
    const host = new HostV2(await connectWhenAccepting(plugin, this.options.readyTimeoutMs), this.wire);
    host.sendInit({
      plugin_id: this.pluginId,
      instance_id: this.instanceId,
      plugin_socket: place.socketPath,
      log_path: place.logPath,
      data_dir: place.dataDirectory,
      settings: this.options.settings,
      license_key: this.options.licenseKey ?? null,
      ...init,
    });
    return host;
  }

  /** The `ready` or `failed` that answers `init`. */
  async greetingOf(host: HostV2): Promise<Greeting> {
    const ended = host.closed.then((reason) => Promise.reject(new CheckFailure(`no ready and no failed: ${reason}`)));
    ended.catch(() => undefined);
    const greeting = Promise.race([host.greeting, ended]);
    return within(greeting, this.options.readyTimeoutMs, 'no ready and no failed');
  }

  /** Removes what the processes had; they have ended. */
  dispose(): void {
    this.#sandbox.remove();
  }
}

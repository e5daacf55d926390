import { Injectable } from '@nestjs/common';
import type { EventV2, KvAnswerV1, KvAnswerV2, KvRequestV1, LogV2 } from '@toru/contracts';

/** Answers the key-value requests of all plugins; the first argument is the plugin's id and so its namespace (KV-4). */
export type KvHandler = (pluginId: string, request: KvRequestV1) => Promise<KvAnswerV1>;

/**
 * Answers the key-value requests of version 2: any payload, as the plugin sent it, gets an answer to be sent back as it
 * is. It never rejects.
 */
export type KvHandlerV2 = (pluginId: string, payload: unknown) => Promise<KvAnswerV2>;

const NO_STORAGE = { code: 'storage_unavailable', message: 'the host keeps no key-value data' } as const;

/** Where the modules above register for what plugins ask of the host, so that this module need not know them. */
@Injectable()
export class MessageHandlers {
  private kvHandler: KvHandler | undefined;
  private kvHandlerV2: KvHandlerV2 | undefined;
  private readonly logListeners: ((pluginId: string, log: LogV2) => void)[] = [];
  private readonly eventListeners: ((pluginId: string, event: EventV2) => void)[] = [];

  registerKv(handler: KvHandler): void {
    if (this.kvHandler !== undefined) throw new Error('key-value requests have a handler already');
    this.kvHandler = handler;
  }

  registerKvV2(handler: KvHandlerV2): void {
    if (this.kvHandlerV2 !== undefined) throw new Error('key-value requests of version 2 have a handler already');
    this.kvHandlerV2 = handler;
  }

  /** What is logged and told through the protocol; several modules may listen. Neither may throw. */
  onLog(listener: (pluginId: string, log: LogV2) => void): void {
    this.logListeners.push(listener);
  }

  onEvent(listener: (pluginId: string, event: EventV2) => void): void {
    this.eventListeners.push(listener);
  }

  log(pluginId: string, log: LogV2): void {
    for (const listener of this.logListeners) listener(pluginId, log);
  }

  event(pluginId: string, event: EventV2): void {
    for (const listener of this.eventListeners) listener(pluginId, event);
  }

  kv(pluginId: string, request: KvRequestV1): Promise<KvAnswerV1> {
    return this.kvHandler === undefined
      ? Promise.resolve({ value: null, error: NO_STORAGE })
      : this.kvHandler(pluginId, request);
  }

  kvV2(pluginId: string, payload: unknown): Promise<KvAnswerV2> {
    return this.kvHandlerV2 === undefined
      ? Promise.resolve({ error: NO_STORAGE })
      : this.kvHandlerV2(pluginId, payload);
  }
}

import { Injectable } from '@nestjs/common';
import type { KvAnswerV1, KvRequestV1 } from '@toru/contracts';

/** Answers the key-value requests of all plugins; the first argument is the plugin's id and so its namespace (KV-4). */
export type KvHandler = (pluginId: string, request: KvRequestV1) => Promise<KvAnswerV1>;

/** Where the modules above register for what plugins ask of the host, so that this module need not know them. */
@Injectable()
export class MessageHandlers {
  private kvHandler: KvHandler | undefined;

  registerKv(handler: KvHandler): void {
    if (this.kvHandler !== undefined) throw new Error('key-value requests have a handler already');
    this.kvHandler = handler;
  }

  kv(pluginId: string, request: KvRequestV1): Promise<KvAnswerV1> {
    return this.kvHandler === undefined
      ? Promise.resolve({
          value: null,
          error: { code: 'storage_unavailable', message: 'the host keeps no key-value data' },
        })
      : this.kvHandler(pluginId, request);
  }
}

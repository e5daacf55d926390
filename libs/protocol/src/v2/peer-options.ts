import type { EventV2, KvAnswerV2, KvRequestV2, LogV2, SettingsV2, ShutdownV2, WireErrorV2 } from '@toru/contracts';
import type { ProtocolError } from '../protocol-error';
import type { HeadersInput } from './http-v2';
import type { IncomingRequest } from './incoming-request';
import type { OutgoingBody } from './outgoing-body';
import type { ReceiveStream } from './receive-stream';
import type { SendStream } from './send-stream';

/** The answer of a plugin's handler. */
export interface OutgoingResponse {
  /** 200 to 599; 101 accepts an upgrade and needs a body. */
  readonly status: number;
  readonly headers: HeadersInput;
  /** A text stands for its UTF-8. */
  readonly body?: OutgoingBody | string;
}

/** A plugin's answer as the host gets it. */
export interface IncomingResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string | readonly string[]>;
  /** Bytes that came with the head, or the stream that they come on; it must be read or cancelled. */
  readonly body: Uint8Array | ReceiveStream | undefined;
  /** The stream of the request's body, where it had one: after an upgrade, it carries the client's bytes. */
  readonly requestStream: SendStream | undefined;
}

export interface KvContext {
  readonly requestId: string;
  /** Aborts when the answer is of no use any more. */
  readonly signal: AbortSignal;
}

/** What the other side asks and tells. */
export interface PeerHandlers {
  /** Plugin. A rejection is answered with status 500, without its text. */
  readonly http?: (request: IncomingRequest) => OutgoingResponse | Promise<OutgoingResponse>;
  /** Both. A rejection is answered with the error `storage_unavailable`, without its text. */
  readonly kv?: (
    request: KvRequestV2,
    context: KvContext,
  ) => KvAnswerV2 | { readonly error: WireErrorV2 } | Promise<KvAnswerV2 | { readonly error: WireErrorV2 }>;
  /** Plugin. */
  readonly shutdown?: (shutdown: ShutdownV2) => void;
  /** Plugin. */
  readonly settings?: (settings: SettingsV2) => void;
  /** Host. */
  readonly log?: (log: LogV2) => void;
  /** Host. */
  readonly event?: (event: EventV2) => void;
  /** Something was dropped that does not break the protocol: a wrong `log` or `event`. */
  readonly ignored?: (type: string, reason: ProtocolError) => void;
  /** A handler failed, or its answer could not be sent; `about` is the request's id or the name of the handler. */
  readonly failed?: (error: unknown, about: string) => void;
}

export interface PeerOptions {
  readonly role: 'host' | 'plugin';
  readonly handlers?: PeerHandlers;
  /** For frames of both directions; by default, and at most, 16 MiB. A plugin takes what `init` says. */
  readonly maxFrameBytes?: number;
  /** Bytes of one stream without credit, 262,144 by default. A plugin takes what `init` says. */
  readonly windowBytes?: number;
  /** Milliseconds from the first byte of a frame to its last, 10,000 by default. */
  readonly frameDeadlineMs?: number;
  /** Milliseconds that the other side may take to read one write, 10,000 by default. */
  readonly writeStallMs?: number;
  /** So many bytes may wait to be written before requests, answers and streams wait their turn; 1 MiB by default. */
  readonly highWaterBytes?: number;
  /** Beyond so many waiting bytes the connection is given up; 32 MiB by default. */
  readonly maxBufferedBytes?: number;
}

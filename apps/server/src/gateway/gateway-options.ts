import type { Configuration } from '../config';
import { TrustedProxies } from '../common';
import type { RequestLimits } from '../plugins';
import type { PublicOrigin } from './client-facts';

/** Limits of the gateway. Also the token under which they are provided. */
export abstract class GatewayOptions {
  /** The longest body of a request to a plugin, in bytes. */
  abstract readonly maxBodyBytes: number;
  /** The longest body of a request that is streamed to a plugin (version 2), in bytes. */
  abstract readonly maxUploadBytes: number;
  /** How long a plugin may take for its answer, in milliseconds. */
  abstract readonly exchangeTimeoutMs: number;
  /** How long a client may take to send the head of a request, in milliseconds. */
  abstract readonly headersTimeoutMs: number;
  /**
   * How long a connection between two requests stays open, in milliseconds. Longer than a reverse proxy keeps one (nginx
   * 60 s): the side that closes may do so while the other sends, and a proxy answers 502 then.
   */
  abstract readonly keepAliveMs: number;
  /** How long a client may take to send a whole request, in milliseconds. */
  abstract readonly requestTimeoutMs: number;
  /** How long a client may read nothing of an answer that waits for it, in milliseconds. */
  abstract readonly sendIdleMs: number;
  /** How long the rest of a refused body is read and thrown away, so that the client sees the refusal, in milliseconds. */
  abstract readonly lingerMs: number;
  /** The origin that browsers use, where a proxy stands in front; undefined: what the request's `Host` says. */
  abstract readonly publicOrigin: PublicOrigin | undefined;
  /** Whose word about the client counts. */
  abstract readonly trustedProxies: TrustedProxies;
}

export const DEFAULT_GATEWAY_OPTIONS = Object.freeze({
  maxBodyBytes: 10 * 1024 * 1024,
  maxUploadBytes: 16 * 1024 ** 3,
  exchangeTimeoutMs: 30_000,
  headersTimeoutMs: 15_000,
  keepAliveMs: 75_000,
  requestTimeoutMs: 120_000,
  sendIdleMs: 60_000,
  lingerMs: 2_000,
  publicOrigin: undefined,
  trustedProxies: TrustedProxies.NONE,
}) satisfies GatewayOptions;

/** The limits that follow from the host's settings. */
export function gatewayOptions(
  settings: Pick<
    Configuration,
    'maxBodyBytes' | 'maxUploadBytes' | 'requestTimeoutMs' | 'publicUrl' | 'trustedProxies'
  >,
): GatewayOptions {
  return {
    ...DEFAULT_GATEWAY_OPTIONS,
    maxBodyBytes: settings.maxBodyBytes,
    maxUploadBytes: settings.maxUploadBytes,
    exchangeTimeoutMs: settings.requestTimeoutMs,
    // pipelined requests share the connection's idle timer: it must not end one that still waits for its plugin
    sendIdleMs: Math.max(DEFAULT_GATEWAY_OPTIONS.sendIdleMs, settings.requestTimeoutMs + 10_000),
    publicOrigin: settings.publicUrl === undefined ? undefined : toPublicOrigin(new URL(settings.publicUrl)),
    trustedProxies: TrustedProxies.parse(settings.trustedProxies) ?? TrustedProxies.NONE,
  };
}

/** What holds for requests to a plugin of which nobody says anything else. */
export function limitsOfOptions(options: GatewayOptions, streams: boolean): RequestLimits {
  return {
    ...{ concurrency: 256, queue: 256, queueMs: options.exchangeTimeoutMs, firstByteMs: options.exchangeTimeoutMs },
    ...{ idleMs: Infinity, webSocketIdleMs: Infinity },
    maxBodyBytes: streams ? options.maxUploadBytes : options.maxBodyBytes,
  };
}

function toPublicOrigin(url: URL): PublicOrigin {
  return { protocol: url.protocol === 'https:' ? 'https' : 'http', host: url.host };
}

/** Limits of the gateway. Also the token under which they are provided. */
export abstract class GatewayOptions {
  /** The longest body of a request to a plugin, in bytes. */
  abstract readonly maxBodyBytes: number;
  /** How long a plugin may take for its answer, in milliseconds. */
  abstract readonly exchangeTimeoutMs: number;
  /** How long a client may take to send the head of a request, in milliseconds. */
  abstract readonly headersTimeoutMs: number;
  /** How long a client may take to send a whole request, in milliseconds. */
  abstract readonly requestTimeoutMs: number;
  /** How long a client may read nothing of an answer that waits for it, in milliseconds. */
  abstract readonly sendIdleMs: number;
  /** How long the rest of a refused body is read and thrown away, so that the client sees the refusal, in milliseconds. */
  abstract readonly lingerMs: number;
}

export const DEFAULT_GATEWAY_OPTIONS: GatewayOptions = Object.freeze({
  maxBodyBytes: 10 * 1024 * 1024,
  exchangeTimeoutMs: 30_000,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
  sendIdleMs: 60_000,
  lingerMs: 2_000,
});

import type { HttpRequestV1, HttpResponseV1, PluginState, Role } from '@toru/contracts';
import type { AbortSignalLike } from '@toru/protocol';
import type { RequestLimits } from '../plugins';
import type { Places, StreamingChannel } from '../protocol';
import type { RequestHead } from './client-side';
import type { RequestMeter } from './request-meter';

/** Which plugin serves a name. Names are compared without case. */
export abstract class RouteTable {
  /** @param segment the route without its slash */
  abstract byRoute(segment: string): PluginTarget | undefined;
  abstract byId(id: string): PluginTarget | undefined;
}

/** One plugin as the gateway sees it at the moment of a request. */
export interface PluginTarget {
  readonly id: string;
  /** With its slash: `/acme`. */
  readonly route: string;
  readonly publicPaths: readonly string[];
  readonly state: PluginState;
  /** Why it is not running, for people; shown to signed-in callers alone. */
  readonly reason: string | null;
  /** When it is expected to run again, where that is known. */
  readonly retryAfterSeconds?: number | null;
  /**
   * One exchange with the plugin, never repeated.
   * @throws AppError `plugin_error`, `plugin_timeout`, `plugin_unavailable` or `plugin_busy`
   */
  send(request: HttpRequestV1, options: SendOptions): Promise<HttpResponseV1>;
  /** Version 2: bodies are bytes, and long ones are streamed. Fails like `send`. */
  readonly stream?: StreamingChannel | undefined;
  /** Refuses what is kept from the plugin because it crashes it; absent while nothing is. */
  readonly quarantine?: RouteQuarantine | undefined;
  /**
   * What holds for its requests to a path; absent: the gateway's own options.
   * @param path below the plugin's route, without query
   */
  limits?(path: string): RequestLimits;
  /** Enters a request that the plugin is given now; what comes back is called once, when the exchange is over. */
  enter?(method: string, path: string): ((answered: boolean) => void) | undefined;
  /** Counts what is asked of it; told at the begin and at the end of each exchange. */
  readonly meter?: RequestMeter;
}

export interface RouteQuarantine {
  /**
   * @param path below the plugin's route, without query
   * @throws AppError `route_quarantined`
   */
  check(method: string, path: string): void;
}

export interface SendOptions {
  /** Aborted when the client has left: nobody reads the answer any more. */
  readonly signal: AbortSignalLike;
  readonly requestId: string;
  /** How long the plugin may take from when it is given the request, in milliseconds. */
  readonly deadlineMs: number;
  /** How many requests it has at once, and how this one waits for its turn. */
  readonly places?: Places;
  /** Called when its turn has come. */
  readonly onGiven?: () => void;
}

/** Who sent a request. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export abstract class RequestAuthenticator {
  /**
   * The caller of a request, if it may use plugins; with a promise where storage has to be asked. Throws, or rejects.
   * @throws AppError `unauthenticated`, `csrf_refused`, `password_change_required`, `forbidden` or `storage_unavailable`
   */
  abstract admit(request: RequestHead, options: AdmitOptions): Caller | Promise<Caller>;

  /** Calls back when somebody who was admitted may have lost that: a session ended, a role changed, a token revoked. */
  abstract onChange(listener: () => void): void;
}

export interface AdmitOptions {
  /** A WebSocket handshake: a GET that other sites must not make with the caller's cookie. */
  readonly handshake: boolean;
}

/** One line for each plugin request and each WebSocket, when it has ended: no headers, no query, no body. */
export interface AccessRecord {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** The plugin's id; null where the name matched none. */
  readonly plugin: string | null;
  /** 499 where the client left before it had the answer. */
  readonly status: number;
  readonly duration_ms: number;
  /** The caller's name; null where nobody is signed in. */
  readonly user: string | null;
  readonly request_id: string;
  /** Length of the plugin's body that was sent; 0 for a problem. With status 101: what went from the plugin to the client. */
  readonly bytes: number;
  /** With status 101 only: what went from the client to the plugin. */
  readonly bytes_received?: number;
}

export abstract class AccessLog {
  abstract record(entry: AccessRecord): void;
}

import type { Envelope, InitV1 } from '@toru/contracts';

/** `init` (PRO-2): the first message, on a connection of its own; it is not answered. `timestamp`: RFC 3339, UTC. */
export function encodeInit(init: InitV1, timestamp: string): Envelope {
  const { instance_id, plugin_socket, log_path } = init;
  return {
    type: 'lifecycle',
    action: 'init',
    timestamp,
    payload: { type: 'lifecycle', action: 'init', instance_id, plugin_socket, log_path },
  };
}

/** `shutdown` (PRO-5): the last message, on a connection of its own. `timestamp`: RFC 3339, UTC. */
export function encodeShutdown(timestamp: string): Envelope {
  return { type: 'lifecycle', action: 'shutdown', timestamp, payload: { type: 'lifecycle', action: 'shutdown' } };
}

import type { Check } from '../check';
import { METADATA_CHECKS } from './metadata.checks';
import { SOCKET_CHECKS } from './socket.checks';
import { STOP_CHECKS } from './stop.checks';
import { V1_FRAME_CHECKS } from './v1-frames.checks';
import { V1_MESSAGE_CHECKS } from './v1-messages.checks';
import { V2_CANCEL_CHECKS } from './v2-cancel.checks';
import { V2_FRAME_CHECKS } from './v2-frames.checks';
import { V2_HTTP_CHECKS } from './v2-http.checks';
import { V2_KV_CHECKS } from './v2-kv.checks';
import { V2_LIFECYCLE_CHECKS } from './v2-lifecycle.checks';
import { V2_REFUSE_CHECKS } from './v2-refuse.checks';
import { V2_STREAM_CHECKS } from './v2-streams.checks';
import { V2_UPGRADE_CHECKS } from './v2-upgrade.checks';

/** All of them, in the order in which they are made. */
export const CHECKS: readonly Check[] = [
  ...METADATA_CHECKS,
  ...SOCKET_CHECKS,
  ...V1_MESSAGE_CHECKS,
  ...V1_FRAME_CHECKS,
  ...V2_LIFECYCLE_CHECKS,
  ...V2_HTTP_CHECKS,
  ...V2_FRAME_CHECKS,
  ...V2_STREAM_CHECKS,
  ...V2_CANCEL_CHECKS,
  ...V2_KV_CHECKS,
  ...V2_UPGRADE_CHECKS,
  ...V2_REFUSE_CHECKS,
  ...STOP_CHECKS,
];

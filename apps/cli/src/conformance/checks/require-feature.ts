import type { FeatureV2 } from '@toru/contracts';
import { field } from '@toru/protocol';
import { skip } from '../check-error';
import type { HostV2 } from '../wire/host-v2';

/** Skips the check where the plugin's `ready` leaves a feature out: no host asks for it then (protocol v2 §3). */
export async function requireFeature(host: HostV2, feature: FeatureV2): Promise<void> {
  const { payload } = await host.greeting;
  const features = field(payload, 'features');
  if (Array.isArray(features) && !(features as readonly unknown[]).includes(feature)) {
    skip(`the plugin's ready does not list the feature ${feature}`);
  }
}

import { definePlugin } from '@toru/plugin-sdk';

/** Takes every request and never answers one; its pings are answered, so nobody restarts it. */
definePlugin({
  metadata: { id: 'hang-2', name: 'Hang 2', version: '1.0.0', icon: 'H', route: '/hang-2' },
  http: () => new Promise(() => undefined),
}).run();

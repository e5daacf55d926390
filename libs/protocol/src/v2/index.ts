export * from './frame-batch';
export * from './frame-decoder-v2';
export * from './message-v2';

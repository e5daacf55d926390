export * from './error-codes';
export * from './messages-v1';
export * from './messages-v2';
export * from './plugin-metadata';
export * from './plugin-state';
export * from './rest';
export * from './wire-v1';
export * from './wire-v2';

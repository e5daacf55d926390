export { configureHttp } from './http-app';
export { loggerParams, openHostLog, type HostLog } from './host-logger';
export { createOpenApiDocument } from './openapi';
export { shutDown } from './shutdown';
export { startBlock } from './start-block';

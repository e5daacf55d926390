export { DirectoryHeldError, lockDirectories } from './host-lock';
export { configureHttp } from './http-app';
export { loggerParams, openHostLog, requestLog, type HostLog } from './host-logger';
export { listen } from './listen';
export { shutDown } from './shutdown';
export { startBlock } from './start-block';

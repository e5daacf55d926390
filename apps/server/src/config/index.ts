export { ConfigModule } from './config.module';
export { Configuration, ConfigurationError } from './configuration';
export { parseListenAddress } from './listen-address';
export { loadConfiguration } from './load-configuration';
export { SOCKET_NAME_BYTES } from './directories';

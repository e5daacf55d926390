export { ConfigModule } from './config.module';
export { Configuration, ConfigurationError } from './configuration';
export { loadConfiguration } from './load-configuration';
export { SOCKET_NAME_BYTES } from './directories';

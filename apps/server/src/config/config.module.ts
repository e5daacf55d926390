import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Configuration } from './configuration';

/** Gives every module the one configuration that `main.ts` has loaded. */
@Global()
@Module({})
export class ConfigModule {
  static with(configuration: Configuration): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: Configuration, useValue: configuration }],
      exports: [Configuration],
    };
  }
}

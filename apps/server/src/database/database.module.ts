import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { Configuration } from '../config';
import { dataSourceOptions } from './data-source-options';
import { openDataSource } from './open-data-source';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Configuration],
      useFactory: (configuration: Configuration) => ({
        ...dataSourceOptions(configuration),
        autoLoadEntities: true,
        // a database that cannot be used is reported at once, by openDataSource
        toRetry: () => false,
      }),
      dataSourceFactory: (options) => openDataSource(options as DataSourceOptions),
    }),
  ],
  exports: [TypeOrmModule],
})
export class DatabaseModule {}

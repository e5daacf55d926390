import { Logger, Module } from '@nestjs/common';
import { Configuration } from '../config';
import { DatabaseModule } from '../database';
import { EventsModule } from '../events';
import { IdentityModule } from '../identity';
import { LogsModule } from '../logs';
import { ClockStore } from './clock-store.port';
import { ClockWatch } from './clock-watch';
import { LicenceFiles } from './licence-files';
import { LicenceHandover } from './licence-handover';
import { LicenceKeys } from './licence-keys';
import { LicenceNotices } from './licence-notices';
import { LicenceStore } from './licence-store.port';
import { LicenceTerms } from './licence-terms';
import { TypeOrmClockStore } from './typeorm-clock-store';
import { TypeOrmLicenceStore } from './typeorm-licence-store';

@Module({
  imports: [DatabaseModule, EventsModule, IdentityModule, LogsModule],
  providers: [
    ClockWatch,
    LicenceHandover,
    LicenceKeys,
    LicenceNotices,
    LicenceTerms,
    { provide: ClockStore, useClass: TypeOrmClockStore },
    { provide: LicenceStore, useClass: TypeOrmLicenceStore },
    {
      provide: LicenceFiles,
      inject: [Configuration],
      useFactory: ({ pluginsDir }: Configuration): LicenceFiles => {
        const logger = new Logger('licences');
        return new LicenceFiles(pluginsDir, (warning) => {
          logger.warn(warning);
        });
      },
    },
  ],
  exports: [ClockWatch, LicenceHandover, LicenceKeys, LicenceNotices, LicenceTerms],
})
export class LicencesModule {}

import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock';

/** What every module may lean on. */
@Global()
@Module({
  providers: [{ provide: Clock, useClass: SystemClock }],
  exports: [Clock],
})
export class CommonModule {}

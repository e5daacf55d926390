import { Module } from '@nestjs/common';
import { RequestMeters } from './request-meters';

/** The meters that the gateway keeps and others read. */
@Module({ providers: [RequestMeters], exports: [RequestMeters] })
export class RequestMetersModule {}

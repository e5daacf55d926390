import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PLUGIN_STATES } from '@toru/contracts';

@Module({})
class AppModule {}

const app = await NestFactory.create(AppModule);
await app.listen(0, '127.0.0.1');
console.log(PLUGIN_STATES, await app.getUrl());
await app.close();

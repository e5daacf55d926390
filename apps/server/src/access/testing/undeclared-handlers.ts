import { RequestMethod, type INestApplicationContext } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ALLOWED_ROLES, PUBLIC } from '../access-metadata';

const SAFE = new Set([RequestMethod.GET, RequestMethod.HEAD, RequestMethod.OPTIONS]);

/** Handlers that change something and say nothing about who may (they are for admins then), as `Controller.method`. */
export function undeclaredHandlers(app: INestApplicationContext): string[] {
  const reflector = app.get(Reflector);
  const scanner = new MetadataScanner();
  return app
    .get(DiscoveryService, { strict: false })
    .getControllers()
    .flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype = metatype.prototype as Record<string, unknown>;
      return scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        if (typeof handler !== 'function') return [];
        const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
        if (method === undefined || SAFE.has(method)) return [];
        const declared = [PUBLIC, ALLOWED_ROLES].some(
          (key) => reflector.getAllAndOverride<unknown>(key, [handler, metatype]) !== undefined,
        );
        return declared ? [] : [`${metatype.name}.${name}`];
      });
    });
}

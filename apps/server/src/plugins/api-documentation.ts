import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';

/** Documents the id in the path. */
export function ApiPluginId(): MethodDecorator {
  return applyDecorators(
    ApiParam({
      name: 'id',
      description: 'The id of a plugin, whatever its case',
      schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$' },
    }),
  );
}

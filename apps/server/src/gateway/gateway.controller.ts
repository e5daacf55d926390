import { All, Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AppError } from '../common';

/**
 * The routes of plugins as the host's router sees them. The gateway's fast path answers them before they come here:
 *
 * - `/plugins/<route>` and all below: the plugin is given the full path, `/<route>/…` (RTE-1)
 * - `/api/plugins/route/<route>/…`: the plugin is given what follows the route (RTE-2)
 * - `/api/plugins/<id>/…`, but for the host's own endpoints: the plugin is given what follows the id (RTE-3)
 *
 * What does come here is a spelling that the fast path does not take (`/Plugins/…`): no plugin serves it. The third
 * form is left out, so that it can never stand before the host's own endpoints.
 */
@ApiExcludeController()
@Controller()
export class GatewayController {
  @All(['plugins/:route', 'plugins/:route/*path', 'api/plugins/route/:route', 'api/plugins/route/:route/*path'])
  answerNone(): never {
    throw new AppError('route_not_found', 'No plugin serves this route. The path before its name is in lower case.');
  }
}

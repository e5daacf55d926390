import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ClockState, LicenseOverview } from '@toru/contracts';
import { Roles } from '../access';
import { ApiProblems } from '../common';
import { ClockWatch } from '../licences';
import { ClockStateDto, LicenseOverviewDto } from './dto/plugin-license.dto';
import { LicensedPluginsService } from './licensed-plugins.service';

/** The licences of all plugins, and the clock that their ends go by. */
@ApiTags('plugins')
@Controller('api/licenses')
@Roles('admin')
export class LicensesController {
  constructor(
    private readonly licences: LicensedPluginsService,
    private readonly clock: ClockWatch,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listLicenses', summary: 'The licences of the plugins that have a key or need one' })
  @ApiOkResponse({ type: LicenseOverviewDto })
  @ApiProblems('forbidden', 'storage_unavailable')
  async list(): Promise<LicenseOverview> {
    return { items: await this.licences.list(), clock: this.clock.state };
  }

  @Post('clock/accept')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'acceptClock',
    summary: 'Say that the clock is right',
    description: 'For a clock that was wrong before: the highest time that was seen is forgotten.',
  })
  @ApiOkResponse({ type: ClockStateDto })
  @ApiProblems('forbidden', 'storage_unavailable')
  async accept(): Promise<ClockState> {
    await this.clock.accept();
    return this.clock.state;
  }
}

import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PluginLicense, PluginLicenseAnswer } from '@toru/contracts';
import { Roles } from '../access';
import { ApiProblems } from '../common';
import { ApiPluginId } from './api-documentation';
import { PluginLicenseAnswerDto, PluginLicenseChangeDto, PluginLicenseDto } from './dto/plugin-license.dto';
import { LicensedPluginsService } from './licensed-plugins.service';
import { PluginIdPipe } from './plugin-id.pipe';

/** The licence key of a plugin (LIC-1): it is taken and handed over, and never shown again. */
@ApiTags('plugins')
@Controller('api/plugins/:id/license')
@Roles('admin')
export class PluginLicenseController {
  constructor(private readonly licences: LicensedPluginsService) {}

  @Get()
  @ApiPluginId()
  @ApiOperation({ operationId: 'getPluginLicense', summary: 'The licence of a plugin, as far as its key can be read' })
  @ApiOkResponse({ type: PluginLicenseDto })
  @ApiProblems('validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'storage_unavailable')
  get(@Param('id', PluginIdPipe) id: string): Promise<PluginLicense> {
    return this.licences.get(id);
  }

  @Put()
  @ApiPluginId()
  @ApiOperation({
    operationId: 'enterPluginLicense',
    summary: 'Enter the licence key of a plugin',
    description: 'A plugin that had refused to run for its licence is started again by itself; `applied` says so.',
  })
  @ApiOkResponse({ type: PluginLicenseAnswerDto })
  @ApiProblems('validation_failed', 'forbidden', 'plugin_not_found', 'plugin_invalid', 'storage_unavailable')
  enter(
    @Param('id', PluginIdPipe) id: string,
    @Body() { key }: PluginLicenseChangeDto,
  ): Promise<PluginLicenseAnswer> {
    return this.licences.enter(id, key);
  }

  @Delete()
  @ApiPluginId()
  @ApiOperation({
    operationId: 'removePluginLicense',
    summary: 'Forget the licence key that was entered',
    description: 'A file beside the plugin that holds a key counts again from then on.',
  })
  @ApiOkResponse({ type: PluginLicenseAnswerDto })
  @ApiProblems(
    ...(['validation_failed', 'forbidden', 'not_found', 'plugin_not_found', 'plugin_invalid'] as const),
    'storage_unavailable',
  )
  remove(@Param('id', PluginIdPipe) id: string): Promise<PluginLicenseAnswer> {
    return this.licences.remove(id);
  }
}

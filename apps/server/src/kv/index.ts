export { KvAnswerDto, KvRequestDto } from './dto/kv.dto';
export { COUNTED_ACTIONS, type PluginKvCounts } from './kv-counts';
export { KvModule } from './kv.module';
export { KvService, type KvOperation } from './kv.service';

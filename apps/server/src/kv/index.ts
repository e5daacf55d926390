export { KvAnswerDto, KvRequestDto } from './dto/kv.dto';
export { KvModule } from './kv.module';
export { KvService, type KvOperation } from './kv.service';
